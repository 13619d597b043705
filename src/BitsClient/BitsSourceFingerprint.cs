namespace BitsClient;

/// <summary>How a source is recognized when its upload is resumed. Immutable.</summary>
public sealed record BitsSourceFingerprint
{
    /// <summary>The file's full path; null for a stream or memory. It only tells where the file was: resuming takes any source that is the same.</summary>
    public string? Path { get; init; }

    /// <summary>The name told to the server; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>The length, in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>When the file was last written to, in UTC; null where that is not known, and then not checked.</summary>
    public DateTimeOffset? LastWriteTime { get; init; }

    /// <summary>
    /// The SHA-256 of the first <see cref="PrefixLength"/> bytes in lower-case hexadecimal; null unless <see cref="BitsUploadOptions.ComputeSha256"/> is set.
    /// </summary>
    public string? PrefixSha256 { get; init; }

    /// <summary>How many bytes <see cref="PrefixSha256"/> is of.</summary>
    public long PrefixLength { get; init; }

    /// <summary>What makes it another source; null where it is the same, as far as can be told without reading it.</summary>
    internal string? DifferenceOf(BitsSourceFingerprint now) =>
        now.Length != Length ? $"it has {now.Length} bytes now, and had {Length} when its upload began."
        : LastWriteTime is { } then && now.LastWriteTime is { } lately && then != lately ? $"it was last written to at {lately:O} now, and at {then:O} when its upload began."
        : null;
}
