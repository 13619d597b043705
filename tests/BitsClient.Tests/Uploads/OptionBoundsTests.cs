using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>The minimum and the maximum of each time option, and that a client works with them.</summary>
public sealed class OptionBoundsTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static IEnumerable<TestCaseData> Options()
    {
        yield return Case("TargetFragmentDuration", static (options, time) => options.TargetFragmentDuration = time, Tick, Day);
        yield return Case("StallTimeout", static (options, time) => options.StallTimeout = time, Tick, Day);
        yield return Case("ResponseTimeout", static (options, time) => options.ResponseTimeout = time, Tick, Day);
        yield return Case("CancelTimeout", static (options, time) => options.CancelTimeout = time, Tick, Day);
        yield return Case("NoProgressTimeout", static (options, time) => options.NoProgressTimeout = time, Tick, TimeSpan.FromDays(24));
        yield return Case("ProgressInterval", static (options, time) => options.ProgressInterval = time, TimeSpan.Zero, Day);
        yield return Case("MaxDelay", static (options, time) => options.Retry.MaxDelay = time, TimeSpan.FromSeconds(1), Day);
        yield return Case("BaseDelay", static (options, time) => options.Retry = Retry(time, Day), TimeSpan.Zero, Day, "MaxDelay");

        static BitsRetryOptions Retry(TimeSpan first, TimeSpan longest) => new() { BaseDelay = first, MaxDelay = longest };

        static TestCaseData Case(
            string name, Action<BitsUploadOptions, TimeSpan> set, TimeSpan minimum, TimeSpan maximum, string? faultAtMaximum = null) =>
            new TestCaseData(name, set, minimum, maximum, faultAtMaximum ?? name).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Options))]
    public void Each_option_accepts_its_minimum_to_its_maximum(
        string name, Action<BitsUploadOptions, TimeSpan> set, TimeSpan minimum, TimeSpan maximum, string faultAtMaximum)
    {
        using HttpClient http = new();
        Assert.That(() => Make(minimum), Throws.Nothing);
        Assert.That(() => Make(maximum), Throws.Nothing);
        Assert.That(
            () => Make(minimum - Tick),
            Throws.ArgumentException.With.Message.StartsWith($"{name} is {minimum - Tick}; it must be "));
        Assert.That(() => Make(maximum + Tick), Throws.ArgumentException.With.Message.StartsWith($"{faultAtMaximum} is "));
        Assert.That(() => Make(maximum + Day), Throws.ArgumentException.With.Message.StartsWith($"{faultAtMaximum} is "));

        BitsUploadClient Make(TimeSpan time)
        {
            BitsUploadOptions options = new();
            set(options, time);
            return new BitsUploadClient(http, options);
        }
    }

    [Test]
    public async Task The_system_timers_accept_the_maximum_of_each()
    {
        BitsUploadOptions options = new()
        {
            TargetFragmentDuration = Day,
            StallTimeout = Day,
            ResponseTimeout = Day,
            CancelTimeout = Day,
            NoProgressTimeout = TimeSpan.FromDays(24),
            ProgressInterval = Day,
            Retry = { BaseDelay = TimeSpan.Zero, MaxDelay = Day },
        };
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, options);

        // A failure that is retried starts NoProgressTimeout, and a cancel starts CancelTimeout.
        server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503));
        server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(403));
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(UploadRig.Bytes(10)), UploadRig.Url);
        Assert.That(
            () => job.RunAsync(new Progress<BitsUploadProgress>()),
            Throws.TypeOf<BitsServerException>().With.Property("PacketType").EqualTo(BitsPacketType.CloseSession));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.AlreadyCompleted));
    }
}
