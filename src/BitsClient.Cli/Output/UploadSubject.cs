namespace BitsClient.Cli.Output;

/// <summary>The description of an upload for its output: what is uploaded, and where to.</summary>
internal sealed record UploadSubject
{
    /// <summary>The file, as the user specified it.</summary>
    public required string File { get; init; }

    /// <summary>The destination, without secrets; null if it is unknown.</summary>
    public required string? Url { get; init; }

    /// <summary>The id of the upload, or null if it has none yet.</summary>
    public Guid? Id { get; init; }

    /// <summary>The server's session id, or null if there is no session yet.</summary>
    public string? Session { get; init; }
}
