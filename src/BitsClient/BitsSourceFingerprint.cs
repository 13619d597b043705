namespace BitsClient;

/// <summary>What a source is compared with when its upload is resumed. Immutable.</summary>
public sealed record BitsSourceFingerprint
{
    /// <summary>
    /// The full path of the file; null for a stream or memory. It is only informative: an upload can be resumed with the same bytes from
    /// anywhere. Default null.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>The name that is sent to the server; null for none. Default null.</summary>
    public string? Name { get; init; }

    /// <summary>The length, in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>When the file was last written to, in UTC; null if unknown, and then not compared. Default null.</summary>
    public DateTimeOffset? LastWriteTime { get; init; }

    /// <summary>
    /// The SHA-256 of the first <see cref="PrefixLength"/> bytes in lowercase hexadecimal; null unless
    /// <see cref="BitsUploadOptions.ComputeSha256"/> is set, or the file may grow. Default null.
    /// </summary>
    public string? PrefixSha256 { get; init; }

    /// <summary>How many bytes <see cref="PrefixSha256"/> covers. Default 0.</summary>
    public long PrefixLength { get; init; }

    /// <summary>Why it is not the same source, as the end of a sentence; null if it is, as far as can be said without reading it.</summary>
    /// <param name="now">The source now.</param>
    /// <param name="sent">How many bytes may have been sent. If all of them are in the hash, the bytes decide, and not the time.</param>
    /// <param name="mayGrow">Others may write to the source, so that only a hash of all that was sent says that it is the same.</param>
    internal string? DifferenceOf(BitsSourceFingerprint now, long sent, bool mayGrow)
    {
        if (now.Length != Length)
        {
            return $"it has {now.Length} bytes now, and had {Length} when its upload began.";
        }

        // A copy or a clock changes the time of a file that is the same.
        bool isHashed = PrefixLength > 0 && PrefixLength >= sent;
        if (mayGrow && !isHashed && sent > 0)
        {
            return "it may have been replaced: it may grow, and its checkpoint has no hash of all bytes that were sent.";
        }

        return !isHashed && LastWriteTime is { } before && now.LastWriteTime is { } after && before != after
            ? $"it was last written to at {after:O} now, and at {before:O} when its upload began."
            : null;
    }
}
