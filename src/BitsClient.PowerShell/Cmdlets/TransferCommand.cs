using System.Management.Automation;
using BitsClient.PowerShell.Output;
using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>A cmdlet that uploads.</summary>
public abstract class TransferCommand : ServerCommand
{
    private BitsRateLimiter? _limiter;
    private volatile BitsUpload? _awaited;

    private protected TransferCommand()
    {
    }

    /// <summary>Whether the upload runs in the background.</summary>
    [Parameter]
    public SwitchParameter Asynchronous { get; set; }

    /// <summary>Whether the upload is returned when it is completed.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>How many bytes all files together may send per second.</summary>
    [Parameter, ValidateRange(1L, long.MaxValue)]
    public long MaxBytesPerSecond { get; set; }

    /// <summary>How many seconds to wait before the first retry.</summary>
    [Parameter, ValidateRange(1, 86400)]
    public int RetryInterval { get; set; }

    /// <summary>For how many seconds to retry without progress.</summary>
    [Parameter, ValidateRange(1, 2073600)]
    public int RetryTimeout { get; set; }

    /// <summary>The size of each fragment, in bytes.</summary>
    [Parameter, ValidateRange(1, int.MaxValue)]
    public int FragmentSize { get; set; }

    /// <summary>The folder where unfinished uploads are saved.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true), ValidateNotNullOrEmpty]
    public string? StatePath { get; set; }

    /// <inheritdoc />
    protected override void StopProcessing()
    {
        BitsUpload? upload = _awaited;
        base.StopProcessing();
        if (upload is not null)
        {
            Say($"Canceling the upload on the server: {upload}");
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        // Uploads in the background still use it.
        if (disposing && !Asynchronous)
        {
            _limiter?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Runs an upload to its end or, with -Asynchronous, in the background.</summary>
    /// <param name="request">The upload.</param>
    /// <param name="folder">Where it is saved.</param>
    /// <param name="createJobAsync">Creates its job.</param>
    /// <param name="failed">The upload, if this session of PowerShell has run it before.</param>
    private protected void Run(UploadRequest request, SavedUploads folder, CreateJob createJobAsync, BitsUpload? failed = null)
    {
        UploadWarnings warnings = new() { Writer = PostWarning };
        HttpClient http = Connect(request.Destination, isTraced: !Asynchronous);
        UploadRun run;
        try
        {
            BitsUploadClient client = CreateClient(http, Options(folder), warnings.Add);
            BitsJobOptions options = new() { Headers = Headers, Description = request.Description };
            IBitsUploadJob job = Wait(cancellationToken => createJobAsync(client, options, cancellationToken));
            run = new UploadRun(job, http, request, folder, warnings);
            failed = RunningUploads.Find(run.Id) ?? failed;
            if (failed is { Run.IsEnded: false })
            {
                Wait(_ => job.DisposeAsync().AsTask());
                throw new BitsUploadLockedException(run.Id, "this session of PowerShell");
            }
        }
        catch (Exception)
        {
            http.Dispose();
            throw;
        }

        Start(run, failed);
    }

    private void Start(UploadRun run, BitsUpload? failed)
    {
        BitsUpload upload = failed ?? new BitsUpload(run);
        if (Asynchronous)
        {
            run.Warnings.Writer = null;
        }
        else
        {
            run.Observer = ProgressWriter(upload);
        }

        run.Start(Asynchronous ? CancellationToken.None : StopToken);
        failed?.RunAgain(run);
        if (Asynchronous || failed is not null)
        {
            RunningUploads.Add(upload);
        }

        if (Asynchronous)
        {
            WriteObject(upload);
        }
        else
        {
            WaitFor(upload, run);
        }
    }

    /// <summary>Reports to Write-Progress.</summary>
    private protected Action<BitsUploadProgress> ProgressWriter(BitsUpload upload) =>
        progress => Post(() => WriteProgress(UploadProgressRecord.Of(upload.Source, progress)));

    /// <summary>Waits for the end of an upload. If it fails and is saved, the error says how to continue it.</summary>
    private protected void WaitFor(BitsUpload upload, UploadRun run)
    {
        _awaited = upload;
        try
        {
            Wait(_ => run.Completion);
            if (PassThru)
            {
                WriteObject(upload);
            }
        }
        catch (BitsUploadException e)
        {
            WriteError(Failure.Of(e, upload.Source, e.Checkpoint is not null && run.WasSaved ? upload : null));
        }
        finally
        {
            _awaited = null;
            if (!Stopping)
            {
                WriteProgress(UploadProgressRecord.Completed(upload.Source));
            }

            if (StopToken.IsCancellationRequested && run is { IsEnded: true, Unconfirmed: { } unconfirmed })
            {
                Say(unconfirmed.Checkpoint is not null && run.WasSaved
                    ? $"{upload}: the server did not confirm the cancel. To try again: Stop-BitsUpload {upload.Reference}"
                    : $"{upload}: {unconfirmed.Message}");
            }
        }
    }

    private BitsUploadOptions Options(SavedUploads folder)
    {
        BitsUploadOptions options = new() { CheckpointStore = folder.Store };
        if (HasParameter(nameof(MaxBytesPerSecond)))
        {
            options.RateLimiter = _limiter ??= new BitsRateLimiter(MaxBytesPerSecond);
        }

        if (HasParameter(nameof(FragmentSize)))
        {
            options.FixedFragmentSize = FragmentSize;
        }

        if (HasParameter(nameof(RetryInterval)))
        {
            TimeSpan interval = TimeSpan.FromSeconds(RetryInterval);
            options.Retry.BaseDelay = interval;
            options.Retry.MaxDelay = interval > options.Retry.MaxDelay ? interval : options.Retry.MaxDelay;
        }

        if (HasParameter(nameof(RetryTimeout)))
        {
            // The time decides, and not the number of retries.
            options.NoProgressTimeout = TimeSpan.FromSeconds(RetryTimeout);
            options.Retry.MaxRetries = int.MaxValue;
        }

        return options;
    }
}
