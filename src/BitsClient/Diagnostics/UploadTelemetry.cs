using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Diagnostics;

/// <summary>
/// The activities and metrics of the library, named as OpenTelemetry names them. docs/telemetry.md lists them. If nobody listens, each call
/// is a check. A listener that throws does not disturb an upload; what it missed is lost.
/// </summary>
internal static class UploadTelemetry
{
    private const string Name = "BitsClient";
    private const string ErrorType = "error.type";
    private const string Outcome = "bits.outcome";

    private static readonly string Version = typeof(UploadTelemetry).Assembly.GetName().Version!.ToString(3);
    private static readonly ActivitySource Source = new(Name, Version);
    private static readonly Meter Meter = new(Name, Version);

    private static readonly UpDownCounter<long> ActiveUploads = Meter.CreateUpDownCounter<long>(
        "bits.client.active_uploads", "{upload}", "Number of uploads that are running.");

    private static readonly Histogram<double> UploadDuration = Meter.CreateHistogram<double>(
        "bits.client.upload.duration", "s", "Duration of the runs of uploads.");

    private static readonly Counter<long> Acknowledged = Meter.CreateCounter<long>(
        "bits.client.upload.acknowledged", "By", "Bytes that servers have acknowledged, each byte of an upload once.");

    private static readonly Counter<long> Resent = Meter.CreateCounter<long>(
        "bits.client.upload.resent", "By", "Bytes that were sent again.");

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "bits.client.upload.retries", "{retry}", "Number of packets that were sent again.");

    private static readonly Histogram<long> FragmentSize = Meter.CreateHistogram<long>(
        "bits.client.fragment.size", "By", "Size of the fragments that were acknowledged.");

    private static readonly Histogram<double> FragmentDuration = Meter.CreateHistogram<double>(
        "bits.client.fragment.duration", "s", "Time from the first byte of a fragment to its acknowledgment.");

    private static readonly Histogram<double> CancelDuration = Meter.CreateHistogram<double>(
        "bits.client.cancel.duration", "s", "Duration of cancels.");

    /// <summary>The trace context of the run to which the caller belongs; null if it is not recorded.</summary>
    public static string? CurrentRun => Activity.Current is { Source.Name: Name, Id: { } id } ? id : null;

    /// <summary>A run begins.</summary>
    public static UploadTrace StartUpload(UploadState state)
    {
        bool isCounted = ActiveUploads.Enabled;
        return new UploadTrace(Guarded(static run => BeginUpload(run.state, run.isCounted), (state, isCounted)), isCounted);
    }

    /// <summary>A run has ended.</summary>
    /// <param name="trace">What <see cref="StartUpload"/> returned.</param>
    /// <param name="state">The upload.</param>
    /// <param name="failure">What the run throws; null if the upload is complete.</param>
    /// <param name="took">How long it took.</param>
    public static void EndUpload(UploadTrace trace, UploadState state, Exception? failure, TimeSpan took) =>
        Guard(
            static run => FinishUpload(run.trace, run.state, run.failure, run.took),
            (trace, state, failure, took),
            hasBegun: trace.IsCounted || trace.Activity is not null);

    /// <summary>A packet is about to be sent.</summary>
    public static Activity? StartPacket(BitsPacket packet, Uri target) =>
        Guarded(static sent => BeginPacket(sent.packet, sent.target), (packet, target));

    /// <summary>A packet was acknowledged, failed, or was abandoned.</summary>
    public static void EndPacket(Activity? activity, UploadState before, UploadState after, BitsUploadException? failure) => Guard(
        static sent =>
        {
            try
            {
                Count(sent.before, sent.after, BitsFailureReason.Handler);
            }
            finally
            {
                End(sent.activity, sent.activity is null || sent.failure is null ? null : ErrorOf(sent.failure), sent.failure);
            }
        },
        (activity, before, after, failure),
        hasBegun: activity is not null);

    /// <summary>A fragment was acknowledged.</summary>
    public static void Accepted(UploadState state, BitsPacket.Fragment fragment, TimeSpan took) => Guard(
        static accepted =>
        {
            Record(FragmentSize, accepted.fragment.Length, accepted.state);
            Record(FragmentDuration, accepted.took.TotalSeconds, accepted.state);
        },
        (state, fragment, took));

    /// <summary>It was decided what follows the failure of a packet.</summary>
    public static void Recovered(UploadState before, UploadState after, BitsUploadException failure) =>
        Guard(static change => Count(change.before, change.after, change.failure.Reason), (before, after, failure));

    /// <summary>A cancel begins.</summary>
    public static Activity? StartCancel() => Guarded(static name => Source.StartActivity(name), "BITS cancel");

    /// <summary>A cancel has ended.</summary>
    public static void EndCancel(Activity? activity, UploadState state, BitsCancelOutcome outcome, TimeSpan took) => Guard(
        static cancel =>
        {
            string outcome = NameOf(cancel.outcome);
            Record(CancelDuration, cancel.took.TotalSeconds, cancel.state, outcome);
            cancel.activity?.SetTag(Outcome, outcome).Dispose();
        },
        (activity, state, outcome, took),
        hasBegun: activity is not null);

    private static Activity? BeginUpload(UploadState state, bool isCounted)
    {
        if (isCounted)
        {
            ActiveUploads.Add(1, TagsOf(state));
        }

        return !Source.HasListeners() ? null : Source
            .StartActivity("BITS upload", ActivityKind.Client, default(ActivityContext), links: LinksTo(state))?
            .SetTag("url.full", BitsUrl.Shown(state.Url))
            .SetTag("server.address", state.Url.Host)
            .SetTag("server.port", state.Url.Port)
            .SetTag("bits.upload.id", state.Identity.Id.ToString())
            .SetTag("bits.bytes.total", state.Total);
    }

    private static void FinishUpload(UploadTrace trace, UploadState state, Exception? failure, TimeSpan took)
    {
        // A listener that came during the run has not heard that it began.
        if (trace.IsCounted)
        {
            ActiveUploads.Add(-1, TagsOf(state));
        }

        Activity? activity = trace.Activity;
        string outcome = OutcomeOf(failure);
        string? error = outcome == "failed" ? ErrorOf(failure!) : null;

        Record(UploadDuration, took.TotalSeconds, state, outcome, error);
        activity?.SetTag("bits.bytes.acknowledged", state.Acknowledged)
            .SetTag("bits.bytes.resent", state.Tally.BytesResent)
            .SetTag("bits.fragments", state.Tally.Fragments)
            .SetTag("bits.retries", state.Tally.Retries)
            .SetTag("bits.sessions", state.Ledger.Replaced + 1)
            .SetTag(Outcome, outcome);
        End(activity, error, failure);
    }

    private static Activity? BeginPacket(BitsPacket packet, Uri target)
    {
        if (!Source.HasListeners() || Source.StartActivity($"BITS {BitsPacketWriter.NameOf(packet.Type)}") is not { } activity)
        {
            return null;
        }

        if (packet is BitsPacket.Fragment fragment)
        {
            activity.SetTag("bits.fragment.offset", fragment.Offset).SetTag("bits.fragment.size", fragment.Length);
        }

        return activity.SetTag("server.address", target.Host).SetTag("server.port", target.Port);
    }

    private static void Count(UploadState before, UploadState after, BitsFailureReason reason)
    {
        Add(Acknowledged, after.Budget.HighWater - before.Budget.HighWater, after);
        Add(Resent, after.Tally.BytesResent - before.Tally.BytesResent, after);
        if (Retries.Enabled)
        {
            Add(Retries, after.Tally.Retries - before.Tally.Retries, after, NameOf(reason));
        }
    }

    private static void Add(Counter<long> counter, long value, UploadState state, string? error = null)
    {
        if (counter.Enabled && value > 0)
        {
            counter.Add(value, TagsOf(state, outcome: null, error));
        }
    }

    private static void Record<T>(Histogram<T> histogram, T value, UploadState state, string? outcome = null, string? error = null)
        where T : struct
    {
        if (histogram.Enabled)
        {
            histogram.Record(value, TagsOf(state, outcome, error));
        }
    }

    // An earlier run of the upload, perhaps in another process, has its own trace.
    private static ActivityLink[]? LinksTo(UploadState state) =>
        ActivityContext.TryParse(state.TraceParent, traceState: null, isRemote: true, out ActivityContext earlier)
            ? [new ActivityLink(earlier)]
            : null;

    private static void End(Activity? activity, string? error, Exception? failure)
    {
        if (activity is not null && error is not null)
        {
            activity.SetTag(ErrorType, error).SetStatus(ActivityStatusCode.Error, MessageText.Of(failure!));
        }

        activity?.Dispose();
    }

    private static TagList TagsOf(UploadState state, string? outcome = null, string? error = null)
    {
        TagList tags = new()
        {
            { "server.address", state.Url.Host },
            { "server.port", state.Url.Port },
        };
        if (outcome is not null)
        {
            tags.Add(Outcome, outcome);
        }

        if (error is not null)
        {
            tags.Add(ErrorType, error);
        }

        return tags;
    }

    private static bool HasListeners => Source.HasListeners()
        || ActiveUploads.Enabled || UploadDuration.Enabled || Acknowledged.Enabled || Resent.Enabled || Retries.Enabled
        || FragmentSize.Enabled || FragmentDuration.Enabled || CancelDuration.Enabled;

    private static void Guard<T>(Action<T> action, T argument, bool hasBegun = false)
    {
        // What has begun also ends if its listener is gone.
        if (!hasBegun && !HasListeners)
        {
            return;
        }

        try
        {
            action(argument);
        }
        catch (Exception)
        {
            // It comes of a listener.
        }
    }

    private static Activity? Guarded<T>(Func<T, Activity?> start, T argument)
    {
        if (!HasListeners)
        {
            return null;
        }

        try
        {
            return start(argument);
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static string OutcomeOf(Exception? failure) => failure switch
    {
        null => "completed",
        BitsUploadCanceledException { Outcome: BitsCancelOutcome.SessionKept } => "kept",
        BitsUploadCanceledException => "canceled",
        _ => "failed",
    };

    private static string ErrorOf(Exception failure) => failure switch
    {
        BitsServerException { StatusCode: var status } => ((int)status).ToString(CultureInfo.InvariantCulture),
        BitsUploadException { Reason: var reason } => NameOf(reason),
        _ => failure.GetType().FullName!,
    };

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(Enum.GetName(value)!);
}
