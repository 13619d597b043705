using BitsClient.Testing;

namespace BitsClient.Tests.Leaks;

/// <summary>Brings a job to an <see cref="Ending"/>. The job is disposed only if that is the ending.</summary>
internal static class Endings
{
    /// <summary>Sets the options that the ending needs.</summary>
    public static void Configure(BitsUploadOptions options, Ending ending)
    {
        options.OnCancellation = ending is Ending.TokenThatKeeps ? BitsSessionAction.KeepSession : BitsSessionAction.CancelSession;
        options.Retry = new BitsRetryOptions { BaseDelay = TimeSpan.FromMilliseconds(10), MaxDelay = TimeSpan.FromMilliseconds(10) };
    }

    public static async Task ReachAsync(BitsTestServer server, IBitsUploadJob job, Ending ending, CancellationTokenSource cancel)
    {
        switch (ending)
        {
            case Ending.NeverRun:
                break;
            case Ending.CancelUnrun:
                await job.CancelAsync();
                break;
            case Ending.Success:
                await job.RunAsync(cancellationToken: cancel.Token);
                break;
            case Ending.SuccessAfterRetries:
                server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 2);
                server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 3);
                server.Inject(BitsPacketNames.ReplyDownload, new BitsFault.DropInBody(1000));
                await job.RunAsync(cancellationToken: cancel.Token);
                break;
            case Ending.Failure:
                server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
                await FailAsync(job.RunAsync(cancellationToken: cancel.Token));
                break;
            case Ending.FailureOfReply:
                server.InjectEvery(BitsPacketNames.ReplyDownload, new BitsFault.DropInBody(1000));
                server.InjectEvery(BitsPacketNames.CloseSession, new BitsFault.Answer(403));
                await FailAsync(job.RunAsync(cancellationToken: cancel.Token));
                break;
            default:
                await StopAsync(server, job, ending, cancel);
                break;
        }
    }

    // All of these happen while a fragment is in flight and all of its bytes were read.
    private static async Task StopAsync(BitsTestServer server, IBitsUploadJob job, Ending ending, CancellationTokenSource cancel)
    {
        BitsGate gate = server.HoldAck(BitsPacketNames.Fragment, 2);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        switch (ending)
        {
            case Ending.SuccessAfterSuspension:
                await SuspendAsync(job, gate);
                await job.ResumeAsync();
                await running;
                return;
            case Ending.Cancel:
                await job.CancelAsync();
                break;
            case Ending.Token or Ending.TokenThatKeeps:
                await cancel.CancelAsync();
                break;
            case Ending.DisposedWhileRunning:
                await job.DisposeAsync();
                break;
            case Ending.DisposedWhileSuspended:
                await SuspendAsync(job, gate);
                await job.DisposeAsync();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(ending));
        }

        await FailAsync(running);
    }

    private static async Task SuspendAsync(IBitsUploadJob job, BitsGate gate)
    {
        Task suspending = job.SuspendAsync();
        gate.Release();
        await suspending;
    }

    private static async Task FailAsync(Task running)
    {
        try
        {
            await running;
        }
        catch (BitsUploadException)
        {
            return;
        }
        catch (BitsUploadCanceledException)
        {
            return;
        }

        throw new AssertionException("The run should have failed.");
    }
}
