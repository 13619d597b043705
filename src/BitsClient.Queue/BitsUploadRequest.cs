namespace BitsClient.Queue;

/// <summary>What to upload, for <see cref="IBitsUploadQueue.EnqueueAsync(BitsUploadRequest, CancellationToken)"/>. Immutable.</summary>
public sealed record BitsUploadRequest
{
    /// <summary>
    /// The file, as every machine that may upload it names it. It is opened when its turn comes; a path that is not absolute is made so
    /// when it is enqueued.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>The destination: absolute, http or https. A user name and a password in it are refused, because it is stored.</summary>
    public required Uri Url { get; init; }

    /// <summary>
    /// The name of the client that uploads it, as it was registered with AddBitsUploadClient on the machines that upload. Default: the
    /// client without a name.
    /// </summary>
    public string ClientName { get; init; } = "";

    /// <summary>What is uploaded first, of all that is due. Default <see cref="BitsUploadPriority.Normal"/>.</summary>
    public BitsUploadPriority Priority { get; init; } = BitsUploadPriority.Normal;

    /// <summary>A name for people. It is not sent. Default null.</summary>
    public string? DisplayName { get; init; }

    /// <summary>What the upload is, for people. It is not sent. Default null.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// The file that the server's reply goes to (upload-reply), as every machine names it. Default null: a plain upload.
    /// </summary>
    public string? ReplyPath { get; init; }

    /// <summary>
    /// When the upload may begin, by the clock of the database. Default null: as soon as a machine has room for it.
    /// </summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>
    /// The name of an <see cref="IBitsHeaderProvider"/>, a keyed service on the machines that upload, which adds headers to the requests.
    /// Only the name is stored, so that no secret is. Default null: none.
    /// </summary>
    public string? HeaderProvider { get; init; }

    /// <summary>Shows the file and the URL without its query.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Path} to {Url.GetLeftPart(UriPartial.Path)}";
}
