namespace BitsClient.Testing;

/// <summary>
/// A failure to simulate for a packet. Pass it to <see cref="BitsTestServer.Inject"/> or <see cref="BitsTestServer.InjectEvery"/>.
/// Several faults can apply to one packet; of those that prevent it from being handled, the one injected first wins. Immutable.
/// </summary>
public abstract record BitsFault
{
    private BitsFault()
    {
    }

    /// <summary>Closes the connection before the body is read; the packet is not handled.</summary>
    public sealed record DropBeforeBody : BitsFault;

    /// <summary>Closes the connection in the middle of a body: while a fragment is received, or while a reply is sent.</summary>
    /// <param name="AfterBytes">
    /// The number of bytes transferred before that. A shorter body is not affected, nor is a reply of exactly this length.
    /// </param>
    public sealed record DropInBody(long AfterBytes) : BitsFault;

    /// <summary>Closes the connection after the packet is handled, so that its ack is lost.</summary>
    public sealed record DropAfterHandling : BitsFault;

    /// <summary>
    /// Closes the connection in order (FIN) and without an answer, as a server that is shut down does. The other faults reset it (RST).
    /// HttpClient by itself repeats a request that has no content after this, and only after this.
    /// </summary>
    public sealed record CloseGracefully : BitsFault
    {
        /// <summary>Whether the packet is handled before. If false, its body is not read either. Default: false.</summary>
        public bool AfterHandling { get; init; }
    }

    /// <summary>
    /// Replaces the answer. For example, a sign-in page is <c>new Answer(200) { Ack = false }</c>, and a redirect is
    /// <c>new Answer(302) { Ack = false, Headers = [new("Location", url)] }</c>.
    /// </summary>
    /// <param name="Status">The HTTP status.</param>
    public sealed record Answer(int Status) : BitsFault
    {
        /// <summary>Whether the answer has the header <c>BITS-Packet-Type: Ack</c>. Default: true.</summary>
        public bool Ack { get; init; } = true;

        /// <summary>The value of <c>BITS-Error-Code</c>. Default: null, no such header.</summary>
        public string? ErrorCode { get; init; }

        /// <summary>The value of <c>BITS-Error-Context</c>. Default: null, no such header.</summary>
        public string? ErrorContext { get; init; }

        /// <summary>Additional headers. Default: none.</summary>
        public IReadOnlyList<BitsHeader> Headers { get; init; } = [];

        /// <summary>Whether the packet is handled before it is answered. If false, its body is not read either. Default: false.</summary>
        public bool AfterHandling { get; init; }

        /// <summary>Whether the answer has a body that never ends, and no <c>Content-Length</c>. Default: false.</summary>
        public bool Endless { get; init; }
    }

    /// <summary>Replaces the value of <c>BITS-Received-Content-Range</c>.</summary>
    /// <param name="Value">The value to send, which need not be valid; null omits the header.</param>
    public sealed record ReceivedContentRange(string? Value) : BitsFault;

    /// <summary>Misspells the header as <c>BITS-Recieved-Content-Range</c>, as one known server does.</summary>
    public sealed record MisspelledContentRange : BitsFault;

    /// <summary>Drops the packet's session before the packet is handled, as if the session had expired.</summary>
    public sealed record LoseSession : BitsFault;

    /// <summary>Stores only the first bytes of a fragment; the ack reports the resulting offset.</summary>
    /// <param name="Count">The number of bytes to store, from the start of the fragment.</param>
    public sealed record KeepBytes(long Count) : BitsFault;

    /// <summary>
    /// Appends an overlapping fragment as a whole and acknowledges it, so that the file contains the overlapping bytes twice.
    /// </summary>
    public sealed record AppendAgain : BitsFault;

    /// <summary>Delays the answer after the packet is handled.</summary>
    /// <param name="Delay">How long to delay the answer.</param>
    /// <param name="Clock">The clock that measures the delay, such as one that the test advances itself.</param>
    public sealed record DelayAnswer(TimeSpan Delay, TimeProvider Clock) : BitsFault;

    /// <summary>Handles the packet but never answers it; the exchange ends when the client aborts the request.</summary>
    public sealed record NeverAnswer : BitsFault;

    /// <summary>Adds <c>Connection: close</c> to the answer; over a socket, the connection is then closed.</summary>
    public sealed record CloseConnection : BitsFault;
}
