using System.Management.Automation;
using BitsClient.PowerShell.Output;
using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>A cmdlet that waits for asynchronous work, and ends it on Ctrl-C.</summary>
public abstract class BitsCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly PipelineThread _thread = new();

    private protected BitsCommand()
    {
    }

    /// <summary>Fires on Ctrl-C.</summary>
    private protected CancellationToken StopToken => _stopping.Token;

    /// <summary>Releases what the cmdlet holds.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called on Ctrl-C, on another thread. The cmdlet ends when the server's sessions are canceled.</summary>
    protected override void StopProcessing() => _stopping.Cancel();

    /// <summary>Releases what the cmdlet holds.</summary>
    /// <param name="disposing">False in a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
        }
    }

    /// <summary>Lets the thread of the cmdlet write something while it waits. Can be called on any thread.</summary>
    private protected void Post(Action write) => _thread.Post(write);

    /// <summary>Waits for work that runs on the thread pool, and writes what it posts.</summary>
    private protected T Wait<T>(Func<CancellationToken, Task<T>> work)
    {
        CancellationToken stop = StopToken;
        return _thread.Wait(Task.Run(() => work(stop), CancellationToken.None), _stopping.Cancel);
    }

    /// <summary>Waits for work that has no result.</summary>
    private protected void Wait(Func<CancellationToken, Task> work) => Wait(async stop =>
    {
        await work(stop).ConfigureAwait(false);
        return true;
    });

    /// <summary>Finds an upload that is running, has failed or is saved. If there is none, writes an error.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="statePath">The parameter -StatePath. What this session of PowerShell has run is in a folder that is known.</param>
    /// <param name="work">What is to be done with it.</param>
    private protected FoundUpload? Find(Guid id, string? statePath, string work)
    {
        if (RunningUploads.Find(id) is not { Run: { } run } known)
        {
            SavedUploads saved = this.SavedUploadsAt(statePath);
            if (Load(id, saved) is { } checkpoint)
            {
                return new FoundUpload(new BitsUpload(checkpoint, saved), checkpoint);
            }

            WriteNotFound(id, $"in '{saved.Path}'", work);
            return null;
        }

        BitsUploadCheckpoint? stored = run.IsEnded ? Load(known.Id, known.Folder) : null;
        if (stored is null && run is { IsEnded: true, WasSaved: true })
        {
            RunningUploads.Remove(known);
            WriteError(Failure.EndedElsewhere(known));
            return null;
        }

        return new FoundUpload(known, stored);
    }

    /// <summary>Loads what is saved of an upload; null if nothing is.</summary>
    private protected BitsUploadCheckpoint? Load(Guid id, SavedUploads saved) => Wait(stop => saved.Store.LoadAsync(id, stop).AsTask());

    /// <summary>Writes the error for an id that no upload has, or that of one with which nothing can be done any more.</summary>
    private protected void WriteNotFound(Guid id, string place, string work) =>
        WriteError(RunningUploads.FindDone(id) is { } done ? Failure.Done(done, work) : Failure.NotFound(id, place));

    /// <summary>
    /// Warns the user while PowerShell ends the cmdlet, which then can write nothing itself. Can be called on any thread.
    /// </summary>
    private protected void Say(string warning)
    {
        try
        {
            Host.UI?.WriteWarningLine(warning);
        }
        catch (Exception)
        {
            // Whether the host can show it must not decide what becomes of the upload.
        }
    }

    /// <summary>
    /// Does something for one file or upload. If it fails, writes the error, and the others are not affected. What PowerShell throws to end
    /// the cmdlet, also because a later one in the pipeline does, is not caught.
    /// </summary>
    private protected void Try(object? target, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is SessionStateException or not (RuntimeException or FlowControlException))
        {
            WriteError(Failure.Of(e, target));
        }
    }
}
