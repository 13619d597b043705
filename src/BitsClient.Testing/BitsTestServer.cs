using BitsClient.Testing.Engine;
using BitsClient.Testing.Hosting;
using BitsClient.Testing.Sessions;
using BitsClient.Testing.Storage;

namespace BitsClient.Testing;

/// <summary>
/// A BITS upload server for tests. It records every request, checks that the client follows the protocol's rules, can hold a packet
/// at a gate, and can simulate failures. Connect to it in memory with <see cref="CreateHandler"/>, over a socket with
/// <see cref="BitsTestHost"/>, or both at once. Thread-safe.
/// </summary>
/// <remarks>Disposing deletes the unfinished files of open sessions.</remarks>
public sealed class BitsTestServer : IDisposable
{
    /// <summary>Creates a server without sessions.</summary>
    /// <param name="options">The server's behavior. Default: null, the default options.</param>
    /// <exception cref="ArgumentException">The options are invalid; the message lists all errors.</exception>
    public BitsTestServer(BitsTestServerOptions? options = null)
    {
        Options = options ?? new BitsTestServerOptions();
        if (Options.Validate() is { Count: > 0 } errors)
        {
            throw new ArgumentException(string.Join(' ', errors), nameof(options));
        }

        Engine = new BitsEngine(Options);
    }

    /// <summary>A snapshot of all requests so far, in order of arrival.</summary>
    public IReadOnlyList<BitsExchange> Dialogue => Engine.Dialogue.Exchanges;

    /// <summary>A snapshot of all sessions so far, in the order they were created.</summary>
    public IReadOnlyList<BitsTestSession> Sessions => [.. Engine.Sessions.All.Select(session => session.Snapshot())];

    /// <summary>The number of sessions that are not closed, canceled or lost.</summary>
    public int OpenSessionCount => Engine.Sessions.All.Count(session => session.IsOpen);

    /// <summary>
    /// The rules that clients violated: sending two concurrent requests for one session, or sending a packet for a session after its
    /// Close-Session was acknowledged. A request that the client aborted does not count; this is decided when that request ends.
    /// </summary>
    public IReadOnlyList<string> Violations => Engine.Dialogue.Violations;

    internal BitsTestServerOptions Options { get; }

    internal BitsEngine Engine { get; }

    /// <summary>Creates a handler for an <see cref="HttpClient"/> that sends its requests to this server in memory.</summary>
    public HttpMessageHandler CreateHandler() => new MemoryHandler(Engine);

    /// <summary>Returns whether a complete file is at its destination.</summary>
    /// <param name="path">The path of the upload URL, for example <c>/upload/a.bin</c>. The leading slash is optional.</param>
    /// <exception cref="ArgumentNullException">The path is null.</exception>
    public bool HasFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return StoragePath.TryParse(path, out StoragePath parsed) && Engine.Files.Has(parsed);
    }

    /// <summary>Returns the bytes of a complete file.</summary>
    /// <param name="path">The path of the upload URL, for example <c>/upload/a.bin</c>. The leading slash is optional.</param>
    /// <exception cref="ArgumentNullException">The path is null.</exception>
    /// <exception cref="BitsTestServerException">There is no such file; the message lists the sessions.</exception>
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

    /// <summary>Throws if there are <see cref="Violations"/>.</summary>
    /// <exception cref="BitsTestServerException">There are violations; the message lists them.</exception>
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
    /// <param name="occurrence">Which packet of that type to hold, counted from this call on. Default: 1, the next one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1.</exception>
    public BitsGate HoldRequest(string packetType, int occurrence = 1) => Engine.Gates.Arm(GateStage.Request, packetType, occurrence);

    /// <summary>Holds a packet after it is handled and before it is answered.</summary>
    /// <param name="packetType">One of <see cref="BitsPacketNames"/>.</param>
    /// <param name="occurrence">Which packet of that type to hold, counted from this call on. Default: 1, the next one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1.</exception>
    public BitsGate HoldAck(string packetType, int occurrence = 1) => Engine.Gates.Arm(GateStage.Ack, packetType, occurrence);

    /// <summary>Holds a fragment while its body is read. If the body is shorter, the gate is never reached.</summary>
    /// <param name="occurrence">Which fragment to hold, counted from this call on; 1 is the next one.</param>
    /// <param name="afterBytes">The number of body bytes to read before holding the fragment.</param>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1, or the number of bytes below 0.</exception>
    public BitsGate HoldBody(int occurrence, long afterBytes) =>
        Engine.Gates.Arm(GateStage.Body, BitsPacketNames.Fragment, occurrence, afterBytes);

    /// <summary>
    /// Holds a reply while its body is sent. If the body is not longer than <paramref name="afterBytes"/>, the gate is never reached.
    /// </summary>
    /// <param name="occurrence">Which download to hold, counted from this call on; 1 is the next one.</param>
    /// <param name="afterBytes">The number of body bytes to send before holding the reply.</param>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1, or the number of bytes below 0.</exception>
    public BitsGate HoldReplyBody(int occurrence, long afterBytes) =>
        Engine.Gates.Arm(GateStage.Body, BitsPacketNames.ReplyDownload, occurrence, afterBytes);

    /// <summary>Injects a fault into one packet.</summary>
    /// <param name="packetType">One of <see cref="BitsPacketNames"/>.</param>
    /// <param name="fault">The failure to simulate.</param>
    /// <param name="occurrence">Which packet of that type is affected, counted from this call on. Default: 1, the next one.</param>
    /// <exception cref="ArgumentNullException">The packet type or the fault is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The occurrence is below 1.</exception>
    public void Inject(string packetType, BitsFault fault, int occurrence = 1)
    {
        ArgumentNullException.ThrowIfNull(packetType);
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentOutOfRangeException.ThrowIfLessThan(occurrence, 1);
        Engine.Faults.Once(packetType, fault, occurrence);
    }

    /// <summary>Injects a fault into every packet of a type from now on.</summary>
    /// <param name="packetType">One of <see cref="BitsPacketNames"/>.</param>
    /// <param name="fault">The failure to simulate.</param>
    /// <param name="when">
    /// Decides for each such packet whether it is affected, for example <c>() => random.NextDouble() &lt; 0.1</c>. Calls never overlap.
    /// Default: null, every packet is affected.
    /// </param>
    /// <exception cref="ArgumentNullException">The packet type or the fault is null.</exception>
    public void InjectEvery(string packetType, BitsFault fault, Func<bool>? when = null)
    {
        ArgumentNullException.ThrowIfNull(packetType);
        ArgumentNullException.ThrowIfNull(fault);
        Engine.Faults.Every(packetType, fault, when);
    }

    /// <summary>Removes all injected faults. Packets that have already arrived keep theirs.</summary>
    public void ClearFaults() => Engine.Faults.Clear();

    /// <summary>
    /// Completes when no request is in flight. A server on a socket notices with a delay that a client has disconnected: wait for this
    /// task instead of sleeping.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="OperationCanceledException">The token was canceled first.</exception>
    public Task WhenSettledAsync(CancellationToken cancellationToken = default) => Engine.Dialogue.WhenSettledAsync(cancellationToken);

    /// <summary>Marks open sessions as lost and deletes their unfinished files.</summary>
    public void Dispose()
    {
        foreach (ServerSession session in Engine.Sessions.All)
        {
            session.Lose();
        }
    }
}
