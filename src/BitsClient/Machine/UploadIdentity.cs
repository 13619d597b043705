namespace BitsClient.Machine;

/// <summary>What identifies an upload. It stays the same in all sessions and processes. Immutable.</summary>
internal sealed record UploadIdentity
{
    /// <summary>That of no upload.</summary>
    public static UploadIdentity None { get; } = new();

    public Guid Id { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>What the source is compared with; null if unknown.</summary>
    public BitsSourceFingerprint? Source { get; init; }

    /// <summary>The file that the reply is saved to; null for a stream or no reply.</summary>
    public string? ReplyPath { get; init; }

    /// <summary>What the upload is, for people; null for nothing.</summary>
    public string? Description { get; init; }
}
