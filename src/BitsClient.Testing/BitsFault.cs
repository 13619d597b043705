namespace BitsClient.Testing;

/// <summary>
/// Something that goes wrong with a packet: give it to <see cref="BitsTestServer.Inject"/> or <see cref="BitsTestServer.InjectEvery"/>.
/// Several faults may meet in one packet; of those that keep it from being handled, the first injected wins. Immutable.
/// </summary>
public abstract record BitsFault
{
    private BitsFault()
    {
    }

    /// <summary>The connection breaks before the body is read; the packet is not handled.</summary>
    public sealed record DropBeforeBody : BitsFault;

    /// <summary>The connection breaks within a body: that of a fragment on its way in, or of a reply on its way out.</summary>
    /// <param name="AfterBytes">How many bytes get through before; a shorter body passes unharmed, and so does a reply of that length.</param>
    public sealed record DropInBody(long AfterBytes) : BitsFault;

    /// <summary>The connection breaks after the packet was handled in full: its ack is lost.</summary>
    public sealed record DropAfterHandling : BitsFault;

    /// <summary>
    /// Another answer than the right one. A login page is <c>new Answer(200) { Ack = false }</c>, a redirect
    /// <c>new Answer(302) { Ack = false, Headers = [new("Location", url)] }</c>.
    /// </summary>
    /// <param name="Status">The HTTP status.</param>
    public sealed record Answer(int Status) : BitsFault
    {
        /// <summary>Whether <c>BITS-Packet-Type: Ack</c> is on it. Default: true.</summary>
        public bool Ack { get; init; } = true;

        /// <summary>The value of <c>BITS-Error-Code</c>. Default: null, no such header.</summary>
        public string? ErrorCode { get; init; }

        /// <summary>The value of <c>BITS-Error-Context</c>. Default: null, no such header.</summary>
        public string? ErrorContext { get; init; }

        /// <summary>Further headers. Default: none.</summary>
        public IReadOnlyList<BitsHeader> Headers { get; init; } = [];

        /// <summary>Whether the packet is handled first; if not, its body isn't even read. Default: false.</summary>
        public bool AfterHandling { get; init; }

        /// <summary>Whether there is no <c>Content-Length</c> and a body that never ends. Default: false.</summary>
        public bool Endless { get; init; }
    }

    /// <summary>Another <c>BITS-Received-Content-Range</c> than the right one.</summary>
    /// <param name="Value">The value, which may be nonsense; null leaves the header out.</param>
    public sealed record ReceivedContentRange(string? Value) : BitsFault;

    /// <summary>The header is spelt <c>BITS-Recieved-Content-Range</c>, as one server does.</summary>
    public sealed record MisspelledContentRange : BitsFault;

    /// <summary>The session that the packet names is forgotten before it is handled, as after a time-out.</summary>
    public sealed record LoseSession : BitsFault;

    /// <summary>Of a fragment only the first bytes are kept, and the ack says so.</summary>
    /// <param name="Count">How many bytes, counted from the start of the fragment.</param>
    public sealed record KeepBytes(long Count) : BitsFault;

    /// <summary>A fragment that overlaps is appended as a whole and acked as if nothing were wrong: its bytes are in the file twice.</summary>
    public sealed record AppendAgain : BitsFault;

    /// <summary>The answer waits after the packet was handled.</summary>
    /// <param name="Delay">How long.</param>
    /// <param name="Clock">On which clock; a test gives one that it moves by hand.</param>
    public sealed record DelayAnswer(TimeSpan Delay, TimeProvider Clock) : BitsFault;

    /// <summary>The packet is handled and never answered, until the client gives up.</summary>
    public sealed record NeverAnswer : BitsFault;

    /// <summary>The answer has <c>Connection: close</c>; over a socket the connection is closed after it.</summary>
    public sealed record CloseConnection : BitsFault;
}
