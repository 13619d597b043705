using BitsClient.Queue.Storage;
using BitsClient.Queue.Worker;

namespace BitsClient.Queue.Tests;

/// <summary>What follows a failure.</summary>
public sealed class FailurePolicyTests
{
    private static readonly BitsUploadQueueOptions Options = new()
    {
        RetryDelay = TimeSpan.FromSeconds(10),
        MaxRetryDelay = TimeSpan.FromMinutes(1),
        GiveUpAfter = TimeSpan.FromHours(1),
    };

    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);

    [TestCase(0, 10)]
    [TestCase(1, 20)]
    [TestCase(2, 40)]
    [TestCase(3, 60)]
    [TestCase(5000, 60)]
    public void Each_failure_without_progress_doubles_the_wait(int earlier, int seconds)
    {
        Ending ending = Of(new IOException("No."), EntryWith(earlier, Now), hasProgressed: false);
        Assert.That(ending.Status, Is.EqualTo(StatusText.Queued));
        Assert.That(ending.Delay, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
        Assert.That(ending.Failures, Is.EqualTo(earlier + 1));
        Assert.That(ending.Error, Is.EqualTo($"No. (on {Environment.MachineName})"));
    }

    [Test]
    public void Progress_begins_the_waits_anew()
    {
        Ending ending = Of(new IOException("No."), EntryWith(4, Now.AddHours(-2)), hasProgressed: true);
        Assert.That(ending.Status, Is.EqualTo(StatusText.Queued));
        Assert.That(ending.Delay, Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(ending.Failures, Is.EqualTo(1));
    }

    [TestCase(59, StatusText.Queued)]
    [TestCase(60, StatusText.Error)]
    public void What_fails_for_too_long_is_given_up(int minutes, string status)
    {
        Ending ending = Of(new IOException("No."), EntryWith(4, Now.AddMinutes(-minutes)), hasProgressed: false);
        Assert.That(ending.Status, Is.EqualTo(status));
    }

    [Test]
    public void What_cannot_pass_is_over_at_once()
    {
        Ending ending = Of(new FileNotFoundException("No."), EntryWith(0, failingSince: null), hasProgressed: false);
        Assert.That(ending.Status, Is.EqualTo(StatusText.Error));
    }

    [Test]
    public void Some_failures_may_pass_and_others_not()
    {
        Assert.That(FailurePolicy.MayPass(new DirectoryNotFoundException()));
        Assert.That(FailurePolicy.MayPass(new UnauthorizedAccessException()));
        Assert.That(FailurePolicy.MayPass(new InvalidDataException()));
        Assert.That(FailurePolicy.MayPass(new NotOnThisMachineException("No.")));
        Assert.That(FailurePolicy.MayPass(new FileNotFoundException()), Is.False);
        Assert.That(FailurePolicy.MayPass(new NotSupportedException("No.")), Is.False);
        Assert.That(FailurePolicy.IsSourceGone(new FileNotFoundException()));
        Assert.That(FailurePolicy.IsSourceGone(new DirectoryNotFoundException()), Is.False);
    }

    private static Ending Of(Exception failure, QueueEntry entry, bool hasProgressed) =>
        new FailurePolicy(Options).Of(
            failure, entry, new Ending { Status = StatusText.Error, HasProgressed = hasProgressed });

    private static QueueEntry EntryWith(long failures, DateTimeOffset? failingSince) => new()
    {
        Upload = new BitsQueuedUpload
        {
            Id = Guid.NewGuid(),
            Request = new BitsUploadRequest { Path = "/file.bin", Url = new Uri("http://bits.test/") },
            Status = BitsQueueStatus.Transferring,
            EnqueuedAt = Now,
            DueAt = Now,
        },
        TraceParent = null,
        Wanted = null,
        Fence = 1,
        Failures = failures,
        Checkpoint = null,
        FailingSince = failingSince,
        LeaseUntil = Now + Options.Lease,
    };
}
