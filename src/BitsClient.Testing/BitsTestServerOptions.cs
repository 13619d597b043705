namespace BitsClient.Testing;

/// <summary>Options of a <see cref="BitsTestServer"/>. Its constructor validates them.</summary>
public sealed class BitsTestServerOptions
{
    /// <summary>The documented behavior to follow. Default: <see cref="BitsServerDialect.McBup"/>.</summary>
    public BitsServerDialect Dialect { get; init; } = BitsServerDialect.McBup;

    /// <summary>
    /// The directory to store files in, at the path of their URL; created if it does not exist. Unfinished files are stored directly
    /// in this directory, under names that uploads cannot use. Default: null, files stay in memory (each below 2 GiB).
    /// </summary>
    public string? StorageDirectory { get; init; }

    /// <summary>
    /// The maximum size of a request body, in bytes. A larger body is answered with 413 and no BITS headers. Null means no limit.
    /// Default: 30,000,000, as in IIS and Kestrel.
    /// </summary>
    public long? MaxRequestBytes { get; init; } = 30_000_000;

    /// <summary>Whether an upload can replace an existing file. If not, Create-Session is answered with 409. Default: true.</summary>
    public bool AllowOverwrite { get; init; } = true;

    /// <summary>
    /// Whether the server keeps the bytes that it received of an incomplete fragment. Default: false, it discards them.
    /// </summary>
    public bool KeepBrokenFragments { get; init; }

    /// <summary>
    /// Whether the server keeps no offset of a session: it appends every fragment to the file, whatever its range says, and acknowledges it
    /// with the offset after its last byte. Some servers do; a byte that is sent again is then in the file twice, although every ack looks
    /// right. Default: false, as <see cref="Dialect"/> says.
    /// </summary>
    public bool AppendsAndEchoes { get; init; }

    /// <summary>
    /// The HTTP status of the answer to a packet whose session the server does not know, or no longer. Such an answer has no BITS headers,
    /// as those of some servers: they say 400, 401, 404, 409, 410 or 500. Default: null, the documented answer, 500 with
    /// <c>0x8020001F</c>.
    /// </summary>
    public int? UnknownSessionStatus { get; init; }

    /// <summary>
    /// Whether a session is known only on the connection that created it, as on some servers. On another connection, a packet of the
    /// session gets the answer for an unknown one; and as long as the session is open, Create-Session at its URL is answered with 409. In
    /// memory, a handler has one connection at a time, which ends with a request that is aborted, dropped, or answered with
    /// <c>Connection: close</c>. Default: false.
    /// </summary>
    public bool BindsSessionsToConnections { get; init; }

    /// <summary>
    /// The time in the <c>Date</c> header of the answers, for example of a server whose clock is wrong. A <see cref="BitsFault.Answer"/>
    /// can have a header of its own. Default: null, which means Kestrel's clock over a socket, and no such header in memory.
    /// </summary>
    public Func<DateTimeOffset>? Date { get; init; }

    /// <summary>Creates the id of each new session. Default: null, an uppercase GUID in braces.</summary>
    public Func<string>? CreateSessionId { get; init; }

    /// <summary>
    /// The value of <c>BITS-Host-Id</c> in the ack of Create-Session: the host to send the later packets to. Default: null, no such
    /// header. It can be changed while the server runs, for example to the port of a second <see cref="BitsTestHost"/> of the server.
    /// </summary>
    public string? HostId { get; set; }

    /// <summary>
    /// The value of <c>BITS-Host-Id-Fallback-Timeout</c>, sent in whole seconds along with <see cref="HostId"/>, which it requires.
    /// Default: null, no such header.
    /// </summary>
    public TimeSpan? HostIdFallbackTimeout { get; init; }

    /// <summary>
    /// Creates the reply to an upload when its last byte has arrived (upload-reply). The ack of the last fragment contains the URL of
    /// the reply, which the client can download until the session ends. With <see cref="BitsServerDialect.Win32"/>, the file is
    /// already at its destination, and the function can read it with <see cref="BitsTestServer.GetFile"/>. Default: null, uploads have
    /// no reply.
    /// </summary>
    public Func<BitsTestSession, byte[]>? Reply { get; init; }

    /// <summary>Returns a message for each invalid option.</summary>
    internal List<string> Validate()
    {
        var errors = new List<string>();
        if (!Enum.IsDefined(Dialect))
        {
            errors.Add($"{nameof(Dialect)} is not a known dialect.");
        }

        if (StorageDirectory is not null && string.IsNullOrWhiteSpace(StorageDirectory))
        {
            errors.Add($"{nameof(StorageDirectory)} is empty.");
        }

        if (MaxRequestBytes < 1)
        {
            errors.Add($"{nameof(MaxRequestBytes)} is below 1.");
        }

        if (UnknownSessionStatus is < 400 or > 599)
        {
            errors.Add($"{nameof(UnknownSessionStatus)} is not from 400 to 599.");
        }

        if (HostIdFallbackTimeout is not null && HostId is null)
        {
            errors.Add($"{nameof(HostIdFallbackTimeout)} requires {nameof(HostId)}.");
        }

        return errors;
    }
}
