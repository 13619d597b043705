using BitsClient.Cli.Output;

namespace BitsClient.PowerShell.Uploads;

/// <summary>What to upload, and where to.</summary>
internal sealed record UploadRequest
{
    /// <summary>The full path of the file; null if a saved upload does not know it.</summary>
    public required string? Source { get; init; }

    public required Uri Destination { get; init; }

    public required long Length { get; init; }

    public string? ReplyFile { get; init; }

    public string? Description { get; init; }

    public DateTimeOffset CreatedAt { get; init; } = DateTimeOffset.Now;

    public static UploadRequest Of(BitsUploadCheckpoint saved) => new()
    {
        Source = saved.Source?.Path,
        Destination = saved.Url,
        Length = saved.BytesTotal,
        ReplyFile = saved.ReplyPath,
        Description = saved.Description,
        CreatedAt = saved.CreatedAt,
    };

    /// <summary>The request, for an upload that is saved already.</summary>
    public UploadRequest Continuing(BitsUploadCheckpoint saved) =>
        this with { Length = saved.BytesTotal, Description = saved.Description, CreatedAt = saved.CreatedAt };

    /// <summary>Creates the job; one that is saved for the same file and destination is continued.</summary>
    public Task<IBitsUploadJob> CreateJobAsync(BitsUploadClient client, BitsJobOptions options, CancellationToken cancellationToken) =>
        Open((source, reply) => client.CreateOrResumeJobAsync(source, Destination, reply, options, cancellationToken));

    /// <summary>Creates a job that continues a session which is not saved.</summary>
    public Task<IBitsUploadJob> ResumeJobAsync(BitsUploadCheckpoint session, BitsUploadClient client, BitsJobOptions options) =>
        Open((source, reply) => Task.FromResult(client.ResumeJob(session, source, reply, options)));

    public override string ToString() =>
        $"{Source} -> {(Destination.IsAbsoluteUri ? ShownUrl.Of(Destination) : Destination.OriginalString)}";

    // The job disposes the file and the reply.
    private T Open<T>(Func<BitsUploadSource, BitsReplyTarget?, T> create)
    {
        BitsUploadSource source = BitsUploadSource.FromFile(Source!);
        try
        {
            return create(source, ReplyFile is null ? null : BitsReplyTarget.ToFile(ReplyFile));
        }
        catch (Exception)
        {
            source.Dispose();
            throw;
        }
    }
}
