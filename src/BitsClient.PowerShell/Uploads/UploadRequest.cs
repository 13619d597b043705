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

    public static UploadRequest Of(BitsUploadCheckpoint saved) => new()
    {
        Source = saved.Source?.Path,
        Destination = saved.Url,
        Length = saved.BytesTotal,
        ReplyFile = saved.ReplyPath,
        Description = saved.Description,
    };

    /// <summary>Creates the job; one that is saved for the same file and destination is continued.</summary>
    public Task<IBitsUploadJob> CreateJobAsync(BitsUploadClient client, BitsJobOptions options, CancellationToken cancellationToken)
    {
        BitsUploadSource source = BitsUploadSource.FromFile(Source!);
        try
        {
            BitsReplyTarget? reply = ReplyFile is null ? null : BitsReplyTarget.ToFile(ReplyFile);
            return client.CreateOrResumeJobAsync(source, Destination, reply, options, cancellationToken);
        }
        catch (Exception)
        {
            source.Dispose();
            throw;
        }
    }

    public override string ToString() =>
        $"{Source} -> {(Destination.IsAbsoluteUri ? ShownUrl.Of(Destination) : Destination.OriginalString)}";
}
