using System.Globalization;

namespace BitsClient.Testing;

/// <summary>One upload session, as it stood when <see cref="BitsTestServer.Sessions"/> was read. Immutable.</summary>
public sealed record BitsTestSession
{
    /// <summary>The id given to the client.</summary>
    public required string Id { get; init; }

    /// <summary>The destination: the unescaped path of the URL, as in <c>/upload/a b.bin</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The next byte offset that the server wants.</summary>
    public required long Received { get; init; }

    /// <summary>The file's length in bytes, or null until a fragment has told it.</summary>
    public required long? Total { get; init; }

    /// <summary>Whether the session lives, and if not, how it ended.</summary>
    public required BitsTestSessionState State { get; init; }

    /// <summary>One line, as in <c>/upload/a.bin is open with 10 of 30 bytes</c>.</summary>
    public override string ToString()
    {
        string bytes = Total is { } total ? string.Create(CultureInfo.InvariantCulture, $"{Received} of {total}") : "no";
        return $"{Path} is {State.ToString().ToLowerInvariant()} with {bytes} bytes";
    }
}
