namespace BitsClient.Content;

/// <summary>Is told what becomes of the content of a request. Called on any thread.</summary>
internal interface IContentObserver
{
    /// <summary>Fires when the request is to end.</summary>
    CancellationToken Token { get; }

    /// <summary>The content is about to be written to a connection, for the first time or again.</summary>
    /// <exception cref="OperationCanceledException">The request was abandoned: it must not be written.</exception>
    /// <exception cref="InvalidOperationException">It must not be written again.</exception>
    void Beginning();

    /// <summary>The next part is about to be written.</summary>
    /// <param name="isWaiting">It first waits for a rate limiter, which is no silence.</param>
    /// <exception cref="OperationCanceledException">The request was abandoned.</exception>
    void Continuing(bool isWaiting);

    /// <summary>A part was written.</summary>
    /// <param name="bytes">How many bytes it has.</param>
    /// <param name="left">How many bytes are still to be written.</param>
    void Wrote(int bytes, long left);
}
