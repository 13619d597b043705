namespace BitsClient.Transport;

/// <summary>Is told what becomes of a request that an upload sends. Called on any thread.</summary>
internal interface IRequestObserver
{
    /// <summary>The request has a connection, for the first time or again.</summary>
    void Left();

    /// <summary>The next part of the body waits for the rate limiter, or no longer does.</summary>
    void Limited(bool isWaiting);

    /// <summary>A part of the body was written.</summary>
    void Wrote(int bytes);

    /// <summary>Asked when the upload is being stopped: whether its session is kept.</summary>
    bool KeepsSession();
}
