namespace BitsClient.Testing;

/// <summary>How a <see cref="BitsTestServer"/> behaves. Checked once, by the server's constructor.</summary>
public sealed class BitsTestServerOptions
{
    /// <summary>Which documented behaviour to follow. Default: <see cref="BitsServerDialect.McBup"/>.</summary>
    public BitsServerDialect Dialect { get; init; } = BitsServerDialect.McBup;

    /// <summary>
    /// The directory below which files land at their URL path; created as needed. Unfinished files lie directly in it under names
    /// that no upload may have. Default: null, files stay in memory (each below 2 GiB).
    /// </summary>
    public string? StorageDirectory { get; init; }

    /// <summary>
    /// The largest request body in bytes; a larger one is answered 413 without any BITS header. Null: no limit.
    /// Default: 30,000,000, as in IIS and Kestrel.
    /// </summary>
    public long? MaxRequestBytes { get; init; } = 30_000_000;

    /// <summary>Whether an existing file may be replaced; if not, Create-Session is answered 409. Default: true.</summary>
    public bool AllowOverwrite { get; init; } = true;

    /// <summary>
    /// Whether of a fragment whose body breaks off those bytes are kept that arrived before. Default: false, nothing of it is kept.
    /// </summary>
    public bool KeepBrokenFragments { get; init; }

    /// <summary>Makes the id of each new session. Default: null, a GUID in upper case and braces.</summary>
    public Func<string>? CreateSessionId { get; init; }

    /// <summary>
    /// The value of <c>BITS-Host-Id</c> on the ack of Create-Session: where the later packets are to go. Default: null, no such header.
    /// </summary>
    public string? HostId { get; init; }

    /// <summary>
    /// The value of <c>BITS-Host-Id-Fallback-Timeout</c>, sent in whole seconds along with <see cref="HostId"/>. Default: null, no such header.
    /// </summary>
    public TimeSpan? HostIdFallbackTimeout { get; init; }

    /// <summary>
    /// Makes the reply to a file, once its last byte is here: upload-reply mode. The ack of the last fragment tells where the client
    /// may GET it until the session ends. It finds the file with <see cref="BitsTestServer.GetFile"/> where that is at its destination
    /// by then, as in <see cref="BitsServerDialect.Win32"/>. Default: null, plain uploads.
    /// </summary>
    public Func<BitsTestSession, byte[]>? Reply { get; init; }

    internal List<string> FindFaults()
    {
        var faults = new List<string>();
        if (!Enum.IsDefined(Dialect))
        {
            faults.Add($"{nameof(Dialect)} is no known dialect.");
        }

        if (StorageDirectory is not null && string.IsNullOrWhiteSpace(StorageDirectory))
        {
            faults.Add($"{nameof(StorageDirectory)} is empty.");
        }

        if (MaxRequestBytes < 1)
        {
            faults.Add($"{nameof(MaxRequestBytes)} is below 1.");
        }

        if (HostIdFallbackTimeout is not null && HostId is null)
        {
            faults.Add($"{nameof(HostIdFallbackTimeout)} means nothing without {nameof(HostId)}.");
        }

        return faults;
    }
}
