namespace BitsClient.Testing.Exchanges;

/// <summary>A request as the engine sees it, independent of the host that received it.</summary>
internal abstract class ServerRequest
{
    public abstract string Host { get; }

    public abstract string Method { get; }

    /// <summary>The connection that the request came on; equal for all requests of one connection.</summary>
    public abstract object Connection { get; }

    public abstract Uri Url { get; }

    public abstract IReadOnlyList<BitsHeader> Headers { get; }

    /// <summary>The Content-Length of the request, or null if the body is chunked.</summary>
    public abstract long? ContentLength { get; }

    /// <summary>Canceled when the host notices that the client has disconnected.</summary>
    public abstract CancellationToken Aborted { get; }

    /// <summary>Whether the client has disconnected. Checked just before the answer is sent.</summary>
    public abstract bool ClientIsGone { get; }

    /// <summary>Copies the body to the sink in chunks; throws if the body is incomplete or the client disconnects.</summary>
    public abstract Task CopyBodyAsync(Stream sink);

    /// <summary>Sends the answer; throws if this fails.</summary>
    public abstract Task AnswerAsync(ServerAnswer answer);

    /// <summary>Whether <see cref="HangUpAsync"/> closes the connection in order (FIN) instead of resetting it (RST).</summary>
    public bool ClosesGracefully { get; set; }

    /// <summary>Ends the request without an answer, because of an exception, or null if the server closes the connection.</summary>
    public abstract Task HangUpAsync(Exception? reason);

    public string? Header(string name) => BitsExchange.Find(Headers, name);
}
