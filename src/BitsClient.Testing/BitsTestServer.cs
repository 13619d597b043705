using BitsClient.Testing.Engine;
using BitsClient.Testing.Hosting;
using BitsClient.Testing.Sessions;
using BitsClient.Testing.Storage;

namespace BitsClient.Testing;

/// <summary>
/// A BITS upload server for tests. It keeps every packet it got, watches that the client keeps to the rules, and stops at gates
/// wherever a test wants to act. Reach it in memory through <see cref="CreateHandler"/>, over a socket through
/// <see cref="BitsTestHost"/>, or both ways at once. Thread-safe.
/// </summary>
/// <remarks>Disposing drops the unfinished files of open sessions.</remarks>
public sealed class BitsTestServer : IDisposable
{
    /// <summary>Makes a server with no sessions.</summary>
    /// <param name="options">How it behaves; null for the defaults.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message lists all faults.</exception>
    public BitsTestServer(BitsTestServerOptions? options = null)
    {
        Options = options ?? new BitsTestServerOptions();
        if (Options.FindFaults() is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join(' ', faults), nameof(options));
        }

        Engine = new BitsEngine(Options);
    }

    /// <summary>Every request there was, in order of arrival, as it stands now.</summary>
    public IReadOnlyList<BitsExchange> Dialogue => Engine.Dialogue.Exchanges;

    /// <summary>Every session there was, in the order they were opened, as it stands now.</summary>
    public IReadOnlyList<BitsTestSession> Sessions => [.. Engine.Sessions.All.Select(session => session.Snapshot())];

    /// <summary>The number of sessions that are neither closed nor canceled nor lost.</summary>
    public int OpenSessionCount => Engine.Sessions.All.Count(session => session.IsOpen);

    /// <summary>
    /// What clients did against the rules: two live requests of one session at once, and a packet for a session after its
    /// acknowledged Close-Session. A request that its client gave up doesn't count as live; whether it did is decided when that request ends.
    /// </summary>
    public IReadOnlyList<string> Violations => Engine.Dialogue.Violations;

    internal BitsTestServerOptions Options { get; }

    internal BitsEngine Engine { get; }

    /// <summary>Makes a handler for an <see cref="HttpClient"/> whose requests come here without a socket.</summary>
    public HttpMessageHandler CreateHandler() => new MemoryHandler(Engine);

    /// <summary>Whether a complete file is at its destination.</summary>
    /// <param name="path">The path of its URL, as in <c>/upload/a.bin</c>; the first slash may be left out.</param>
    /// <exception cref="ArgumentNullException">The path is null.</exception>
    public bool HasFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return StoragePath.TryParse(path, out StoragePath parsed) && Engine.Files.Has(parsed);
    }

    /// <summary>The bytes of a complete file.</summary>
    /// <param name="path">The path of its URL, as in <c>/upload/a.bin</c>; the first slash may be left out.</param>
    /// <exception cref="ArgumentNullException">The path is null.</exception>
    /// <exception cref="BitsTestServerException">There is no such file; the message tells of the sessions there are.</exception>
    public byte[] GetFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (StoragePath.TryParse(path, out StoragePath parsed) && Engine.Files.Has(parsed))
        {
            return Engine.Files.Read(parsed);
        }

        string sessions = string.Join("; ", Sessions);
        throw new BitsTestServerException($"There is no file at {path}. Sessions: {(sessions.Length > 0 ? sessions : "none")}.");
    }

    /// <summary>Fails when there were <see cref="Violations"/>.</summary>
    /// <exception cref="BitsTestServerException">There were; the message lists them.</exception>
    public void AssertNoViolations()
    {
        IReadOnlyList<string> violations = Violations;
        if (violations.Count > 0)
        {
            throw new BitsTestServerException(string.Join(Environment.NewLine, violations));
        }
    }

    /// <summary>Holds a packet before it is handled.</summary>
    /// <param name="packetType">One of <see cref="BitsPacketNames"/>.</param>
    /// <param name="occurrence">Which packet of that type, counted from 1 from now on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1.</exception>
    public BitsGate HoldRequest(string packetType, int occurrence = 1) => Engine.Gates.Arm(GateStage.Request, packetType, occurrence);

    /// <summary>Holds a packet after it was handled in full, before it is answered.</summary>
    /// <param name="packetType">One of <see cref="BitsPacketNames"/>.</param>
    /// <param name="occurrence">Which packet of that type, counted from 1 from now on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1.</exception>
    public BitsGate HoldAck(string packetType, int occurrence = 1) => Engine.Gates.Arm(GateStage.Ack, packetType, occurrence);

    /// <summary>Stops reading a fragment's body. The gate is never reached when the body is shorter.</summary>
    /// <param name="occurrence">Which fragment, counted from 1 from now on.</param>
    /// <param name="afterBytes">How many bytes are read before.</param>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1, or the number of bytes below 0.</exception>
    public BitsGate HoldBody(int occurrence, long afterBytes) =>
        Engine.Gates.Arm(GateStage.Body, BitsPacketNames.Fragment, occurrence, afterBytes);

    /// <summary>Stops sending the body of a reply. The gate is never reached when no more bytes than that are to be sent.</summary>
    /// <param name="occurrence">Which download, counted from 1 from now on.</param>
    /// <param name="afterBytes">How many bytes are sent before.</param>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1, or the number of bytes below 0.</exception>
    public BitsGate HoldReplyBody(int occurrence, long afterBytes) =>
        Engine.Gates.Arm(GateStage.Body, BitsPacketNames.ReplyDownload, occurrence, afterBytes);

    /// <summary>Lets a fault meet one packet.</summary>
    /// <param name="packetType">One of <see cref="BitsPacketNames"/>.</param>
    /// <param name="fault">What goes wrong.</param>
    /// <param name="occurrence">Which packet of that type, counted from 1 from now on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1.</exception>
    public void Inject(string packetType, BitsFault fault, int occurrence = 1)
    {
        ArgumentNullException.ThrowIfNull(packetType);
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentOutOfRangeException.ThrowIfLessThan(occurrence, 1);
        Engine.Faults.Once(packetType, fault, occurrence);
    }

    /// <summary>Lets a fault meet every packet of a type from now on.</summary>
    /// <param name="packetType">One of <see cref="BitsPacketNames"/>.</param>
    /// <param name="fault">What goes wrong.</param>
    /// <param name="when">
    /// Asked for each such packet, one at a time, as in <c>() => random.NextDouble() &lt; 0.1</c>; null for always.
    /// </param>
    public void InjectEvery(string packetType, BitsFault fault, Func<bool>? when = null)
    {
        ArgumentNullException.ThrowIfNull(packetType);
        ArgumentNullException.ThrowIfNull(fault);
        Engine.Faults.Every(packetType, fault, when);
    }

    /// <summary>Takes back all faults that have not met their packet.</summary>
    public void ClearFaults() => Engine.Faults.Clear();

    /// <summary>
    /// Completes when no request is in flight. A server on a socket learns late that a client went away: wait for this instead of sleeping.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task WhenSettledAsync(CancellationToken cancellationToken = default) => Engine.Dialogue.WhenSettledAsync(cancellationToken);

    /// <summary>Drops the unfinished files of open sessions, which are lost then.</summary>
    public void Dispose()
    {
        foreach (ServerSession session in Engine.Sessions.All)
        {
            session.Lose();
        }
    }
}
