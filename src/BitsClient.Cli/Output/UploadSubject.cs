namespace BitsClient.Cli.Output;

/// <summary>What is uploaded and where to, as it is told.</summary>
internal sealed record UploadSubject
{
    /// <summary>The file, as it was given.</summary>
    public required string File { get; init; }

    /// <summary>The destination, as it may be shown.</summary>
    public required string Url { get; init; }

    /// <summary>The upload's id; null before it has one.</summary>
    public Guid? Id { get; init; }

    /// <summary>The server's name of the session; null before there is one.</summary>
    public string? Session { get; init; }
}
