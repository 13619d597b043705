using System.Globalization;

namespace BitsClient.Testing;

/// <summary>An upload session: a snapshot taken when <see cref="BitsTestServer.Sessions"/> is read. Immutable.</summary>
public sealed record BitsTestSession
{
    /// <summary>The session id that the client received.</summary>
    public required string Id { get; init; }

    /// <summary>The destination: the unescaped path of the upload URL, for example <c>/upload/a b.bin</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The offset of the next byte that the server expects.</summary>
    public required long Received { get; init; }

    /// <summary>The length of the file in bytes, or null before the first fragment, which reports it.</summary>
    public required long? Total { get; init; }

    /// <summary>Whether the session is open or how it ended.</summary>
    public required BitsTestSessionState State { get; init; }

    /// <summary>Returns one line, for example <c>/upload/a.bin is open with 10 of 30 bytes</c>.</summary>
    public override string ToString()
    {
        string bytes = Total is { } total ? string.Create(CultureInfo.InvariantCulture, $"{Received} of {total}") : "no";
        return $"{Path} is {State.ToString().ToLowerInvariant()} with {bytes} bytes";
    }
}
