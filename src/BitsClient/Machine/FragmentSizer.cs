using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>
/// Chooses the size of the next fragment: the size whose bytes take about the target duration, within the limits. After a refusal, it grows
/// again from the largest one that was accepted.
/// </summary>
internal static class FragmentSizer
{
    // Less than what IIS and Kestrel accept by default, 30,000,000 bytes. Larger fragments are sent only to servers that can be asked.
    private const int UsualMaximum = 28 * 1024 * 1024;

    // To send fewer bytes in vain costs less than the question.
    private const int MinAskedLength = 256 * 1024;

    // A proxy may accept what the server behind it refuses: so much more than what was accepted is risked.
    private const int MaxGrowthOfLarge = 4;

    // After a second, the handler sends the body without an answer. A longer wait is that for a connection.
    private static readonly TimeSpan LeastUselessWait = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan MostUselessWait = TimeSpan.FromMilliseconds(1500);

    /// <summary>Whether the server is asked first, because a fragment of this length may be too large for it.</summary>
    public static bool AsksFirst(FragmentSizing sizing, MachineOptions options, long length) =>
        options.CanAskFirst && sizing.MayAsk && length >= MinAskedLength
        && length > Math.Max(sizing.LargestAccepted, sizing.AcceptedByHost)
        && (length > UsualMaximum || sizing.Limit is not null || IsJump(sizing, length));

    /// <summary>A fragment was sent; its answer is not applied yet.</summary>
    public static FragmentSizing Sent(FragmentSizing sizing, BitsPacket.Fragment fragment, SentContent sent) =>
        fragment.AsksFirst && sent.Bytes > 0 && sent.Wait >= LeastUselessWait && sent.Wait <= MostUselessWait
            ? WithUselessQuestion(sizing)
            : sizing;

    /// <summary>The connection broke while the server was asked: some break it instead of saying no.</summary>
    public static FragmentSizing NotAnswered(FragmentSizing sizing, MachineOptions options) =>
        WithSize(WithUselessQuestion(sizing), options, sizing.Size);

    /// <summary>A fragment was accepted.</summary>
    /// <param name="sizing">The sizing so far.</param>
    /// <param name="options">The limits.</param>
    /// <param name="fragment">The fragment.</param>
    /// <param name="took">How long it took, until its ack.</param>
    /// <param name="writing">The part of it in which the connection took its bytes; null if that is not known.</param>
    public static FragmentSizing Accepted(
        FragmentSizing sizing, MachineOptions options, BitsPacket.Fragment fragment, TimeSpan took, TimeSpan? writing = null)
    {
        FragmentSizing accepted = sizing with
        {
            LargestAccepted = Math.Max(sizing.LargestAccepted, fragment.Length),
            AcksBeforeLimitIsTried = fragment.Length > sizing.LargestAccepted
                ? FragmentSizing.AcksBeforeFirstTry
                : sizing.AcksBeforeLimitIsTried,
            ErrorsAbove = fragment.Length > sizing.LargestAccepted && fragment.Length >= sizing.Size ? 0 : sizing.ErrorsAbove,
            BytesPerSecond = took > TimeSpan.Zero ? fragment.Length / took.TotalSeconds : null,
        };
        if (sizing.Limit is { } limit && fragment.Length >= limit)
        {
            accepted = AcceptedAtLimit(accepted, options, limit, sizing.AcksBeforeLimitIsTried);
        }

        // A small fragment after a failure, or the rest of a file, says nothing about the connection.
        if (fragment.Length < sizing.Size)
        {
            return accepted;
        }

        FragmentTiming timing = sizing.Timing.With(fragment.Length, took, writing ?? took);
        double ideal = timing.LengthFor(options.TargetFragmentDuration);
        double most = (accepted.Limit, fragment.Length < UsualMaximum) switch
        {
            (not null, _) => 2d * fragment.Length,

            // The one step that most servers accept.
            (null, true) => UsualMaximum,
            (null, false) => (double)MaxGrowthOfLarge * fragment.Length,
        };
        long next = (long)Math.Min(ideal, most);
        return WithSize(accepted with { Timing = timing }, options, next);
    }

    /// <summary>
    /// A fragment was too large for the server or something on the way: the limit is half of its size, or the largest that was accepted,
    /// with which the upload continues.
    /// </summary>
    /// <param name="sizing">The sizing so far.</param>
    /// <param name="options">The limits.</param>
    /// <param name="fragment">The fragment.</param>
    /// <param name="wasSent">Some of its body was sent, so that the question was of no use if there was one.</param>
    public static FragmentSizing Refused(
        FragmentSizing sizing, MachineOptions options, BitsPacket.Fragment fragment, bool wasSent = true)
    {
        // What was accepted before may no longer be.
        int accepted = sizing.LargestAccepted < fragment.Length ? (int)sizing.LargestAccepted : 0;
        int limit = (int)Math.Max(Math.Max(options.MinFragmentSize, accepted), fragment.Length / 2);
        return WithSize(
            (fragment.AsksFirst && wasSent ? WithUselessQuestion(sizing) : sizing) with
            {
                Limit = limit,
                LargestAccepted = accepted,
                AcceptedByHost = 0,
                LargestRefused = Math.Max(sizing.LargestRefused, fragment.Length),
                AcksAtLimit = 0,
                ErrorsAbove = 0,
            },
            options, accepted > 0 ? accepted : limit);
    }

    /// <summary>The server does not know the question, which it said before the body was sent.</summary>
    public static FragmentSizing WithoutQuestions(FragmentSizing sizing, MachineOptions options) =>
        WithSize(sizing.WithoutQuestions(), options, sizing.Size);

    /// <summary>
    /// A fragment failed: the next one is half as large, because the connection may have become worse. The size stays the same if the
    /// server answered.
    /// </summary>
    public static FragmentSizing Failed(
        FragmentSizing sizing, MachineOptions options, BitsPacket.Fragment fragment, BitsUploadException failure)
    {
        if (failure is not BitsServerException refused)
        {
            // What was measured before may no longer be true.
            return WithSize(sizing with { Timing = new FragmentTiming(), AcceptedByHost = 0 }, options, sizing.Size / 2);
        }

        bool isAbove = fragment.Length > sizing.LargestAccepted && FailureTable.MayMeanTooLarge(refused.StatusCode);
        return isAbove ? sizing with { ErrorsAbove = sizing.ErrorsAbove + 1 } : sizing;
    }

    private static FragmentSizing AcceptedAtLimit(FragmentSizing accepted, MachineOptions options, int limit, int acksBeforeTry)
    {
        int acks = accepted.AcksAtLimit + 1;
        return acks < acksBeforeTry
            ? accepted with { AcksAtLimit = acks }
            : accepted with
            {
                AcksAtLimit = 0,
                AcksBeforeLimitIsTried = 2 * acksBeforeTry,
                Limit = Capped(2L * limit, options.MaxFragmentSize),
            };
    }

    private static FragmentSizing WithUselessQuestion(FragmentSizing sizing) =>
        sizing with { UselessQuestions = sizing.UselessQuestions + 1 };

    // The first fragment of all is no jump: the question would cost each short upload a round trip.
    private static bool IsJump(FragmentSizing sizing, long length) =>
        sizing.LargestAccepted >= MinAskedLength && length > 2 * sizing.LargestAccepted;

    private static int Maximum(FragmentSizing sizing, MachineOptions options) => options.CanAskFirst && sizing.MayAsk
        ? options.MaxFragmentSize
        : Capped(Math.Max(UsualMaximum, sizing.LargestAccepted), options.MaxFragmentSize);

    private static FragmentSizing WithSize(FragmentSizing sizing, MachineOptions options, long size) =>
        sizing with
        {
            Size = Math.Max(options.MinFragmentSize, Capped(Math.Min(size, sizing.Limit ?? size), Maximum(sizing, options))),
            IsSizeKnown = true,
        };

    private static int Capped(long size, int maximum) => (int)Math.Min(size, maximum);
}
