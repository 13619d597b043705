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

    /// <summary>The folder where unfinished uploads are saved.</summary>
    private protected SavedUploads Saved => this.SavedUploadsAt(StatePath);

    /// <inheritdoc />
    protected override void StopProcessing()
    {
        // A pipeline that is being stopped can write nothing itself.
        if (_awaited is { } upload)
        {
            Host.UI?.WriteWarningLine($"Canceling the upload on the server: {upload}");
        }

        base.StopProcessing();
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
    /// <param name="createJobAsync">Creates its job.</param>
    private protected void Run(UploadRequest request, CreateJob createJobAsync)
    {
        HttpClient http = Connect(request.Destination, isTraced: !Asynchronous);
        BitsUpload upload;
        try
        {
            BitsUploadClient client = CreateClient(http, Options(), Asynchronous ? _ => { } : PostWarning);
            BitsJobOptions options = new() { Headers = Headers, Description = request.Description };
            IBitsUploadJob job = Wait(cancellationToken => createJobAsync(client, options, cancellationToken));
            upload = new BitsUpload(new UploadRun(job, http, request), Saved);
        }
        catch (Exception)
        {
            http.Dispose();
            throw;
        }

        if (Asynchronous)
        {
            upload.Run!.Start(CancellationToken.None);
            RunningUploads.Add(upload);
            WriteObject(upload);
        }
        else
        {
            upload.Run!.Observer = ProgressWriter(upload);
            upload.Run.Start(StopToken);
            WaitFor(upload);
        }
    }

    /// <summary>Reports to Write-Progress.</summary>
    private protected Action<BitsUploadProgress> ProgressWriter(BitsUpload upload) =>
        progress => Post(() => WriteProgress(UploadProgressRecord.Of(upload.Source, progress)));

    /// <summary>Waits for the end of an upload. If it fails and is saved, the error says how to continue it.</summary>
    private protected void WaitFor(BitsUpload upload)
    {
        _awaited = upload;
        try
        {
            Wait(_ => upload.Run!.Completion);
            if (PassThru)
            {
                WriteObject(upload);
            }
        }
        catch (BitsUploadException e)
        {
            WriteError(Failure.Of(e, upload.Source, e.Checkpoint is null ? null : upload.Id));
        }
        finally
        {
            _awaited = null;
            if (!Stopping)
            {
                WriteProgress(UploadProgressRecord.Completed(upload.Source));
            }
        }
    }

    private BitsUploadOptions Options()
    {
        BitsUploadOptions options = new() { CheckpointStore = Saved.Store };
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
