namespace BitsClient.Tests.Substitution;

/// <summary>An application's class as a user of the library writes it: it knows only the interfaces.</summary>
internal sealed class ReportUploader(IBitsUploadClient client)
{
    /// <summary>The session to resume at the next attempt, or to cancel; null if there is none.</summary>
    public BitsUploadCheckpoint? Pending { get; private set; }

    /// <summary>Uploads a report, or resumes its upload, and says in a few words how that ended.</summary>
    public async Task<string> DeliverAsync(byte[] report, Uri url, CancellationToken cancellationToken = default)
    {
        BitsUploadSource source = BitsUploadSource.FromMemory(report);
        await using IBitsUploadJob job = Pending is { } checkpoint ? client.ResumeJob(checkpoint, source) : client.CreateJob(source, url);
        Pending = null;
        try
        {
            BitsUploadResult result = await job.RunAsync(cancellationToken: cancellationToken);
            return $"delivered {result.BytesTransferred} bytes";
        }
        catch (BitsServerException e) when (e.ErrorContext == 0x7)
        {
            Pending = e.Checkpoint;
            return $"the application refused it: {e.ErrorName}";
        }
        catch (BitsUploadException e)
        {
            Pending = e.Checkpoint;
            return e.IsTransient ? $"try again later: {e.Reason}" : $"failed: {e.Reason}";
        }
        catch (BitsUploadCanceledException e)
        {
            Pending = e.Checkpoint;
            return $"canceled: {e.Outcome}";
        }
    }

    /// <summary>Ends the session that the last attempt left open, if it left one.</summary>
    public async Task<bool> GiveUpAsync()
    {
        if (Pending is { } checkpoint && await client.CancelSessionAsync(checkpoint) is BitsCancelOutcome.SessionCanceled)
        {
            Pending = null;
        }

        return Pending is null;
    }
}
