namespace BitsClient.Testing.Exchanges;

/// <summary>A request as the engine sees it, whichever host it came through.</summary>
internal abstract class ServerRequest
{
    public abstract string Host { get; }

    public abstract string Method { get; }

    public abstract Uri Url { get; }

    public abstract IReadOnlyList<BitsHeader> Headers { get; }

    /// <summary>The length announced, or null when there is none (a chunked body).</summary>
    public abstract long? ContentLength { get; }

    /// <summary>Fires when the host learns that the client went away.</summary>
    public abstract CancellationToken Aborted { get; }

    /// <summary>Whether the client is gone already, asked just before an answer is given.</summary>
    public abstract bool ClientIsGone { get; }

    /// <summary>Pushes the body into the sink chunk by chunk; throws when the body breaks off or the client goes away.</summary>
    public abstract Task CopyBodyAsync(Stream sink);

    /// <summary>Delivers the answer; throws when it can't.</summary>
    public abstract Task AnswerAsync(ServerAnswer answer);

    /// <summary>Ends the request without an answer, for the given reason or because the server hangs up.</summary>
    public abstract void HangUp(Exception? reason);

    public string? Header(string name) => BitsExchange.Find(Headers, name);
}
