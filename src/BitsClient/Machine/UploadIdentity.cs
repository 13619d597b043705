namespace BitsClient.Machine;

/// <summary>What stays the same of an upload through all its sessions and processes.</summary>
internal sealed record UploadIdentity
{
    public Guid Id { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>How the source is recognized; null where that is not known.</summary>
    public BitsSourceFingerprint? Source { get; init; }

    /// <summary>The file that the reply goes to; null for none.</summary>
    public string? ReplyPath { get; init; }
}
