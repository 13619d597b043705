using System.Net;
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

    // A line of 64 kbit/s takes 12 seconds for it.
    private const int SmallestFirst = 96 * 1024;

    // Of a packet without a body, at least as many bytes were sent until it was acknowledged.
    private const int BytesOfPacket = 256;

    // The rest of a file is sent along with a fragment if it is less than half as large: it would cost a round trip of its own.
    private const double MaxStretch = 1.5;

    // So little more than what was accepted is not asked: a sixteenth.
    private const int UnaskedPart = 16;

    // After a second, the handler sends the body without an answer. A longer wait is that for a connection.
    private static readonly TimeSpan LeastUselessWait = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan MostUselessWait = TimeSpan.FromMilliseconds(1500);

    /// <summary>Whether the server is asked first, because a fragment of this length may be too large for it.</summary>
    public static bool AsksFirst(FragmentSizing sizing, MachineOptions options, long length) =>
        options.CanAskFirst && sizing.Questions.MayAsk
        && length >= options.MinAskedLength && length > AcceptedWithoutQuestion(sizing)
        && (length > UsualMaximum || sizing.Limit is not null || IsJump(sizing, length));

    /// <summary>How many of the remaining bytes of the file the next fragment carries.</summary>
    public static long LengthOf(FragmentSizing sizing, MachineOptions options, long remaining)
    {
        long size = Math.Min(sizing.Size, remaining);
        if (!sizing.IsSizeKnown)
        {
            return size;
        }

        if (remaining < MaxStretch * size && remaining <= Math.Min(sizing.Limit ?? long.MaxValue, Maximum(sizing, options)))
        {
            size = remaining;
        }

        // A refusal, which is likely, costs more than the one round trip that a fragment less would save.
        if (size > UsualMaximum && sizing.Accepted <= UsualMaximum)
        {
            size = Split(remaining, size, UsualMaximum, options);
        }

        // The question is a round trip as well, so it has to save more than one.
        return AsksFirst(sizing, options, size) ? Split(remaining, size, sizing.Accepted, options) : size;
    }

    /// <summary>A packet without a body was acknowledged, which tells something of the connection before any fragment does.</summary>
    /// <param name="sizing">The sizing so far.</param>
    /// <param name="options">The limits.</param>
    /// <param name="took">How long it took, until its ack.</param>
    /// <param name="remaining">How many bytes of the file are left.</param>
    public static FragmentSizing Answered(FragmentSizing sizing, MachineOptions options, TimeSpan took, long remaining)
    {
        // A file that is no larger than the usual first fragment is sent at once.
        if (sizing.IsSizeKnown || sizing.Timing.IsMeasured || remaining <= sizing.Size)
        {
            return sizing;
        }

        double certain = BytesOfPacket * (options.TargetFragmentDuration.TotalSeconds / took.TotalSeconds);
        int least = Math.Min(sizing.Size, Math.Max(SmallestFirst, options.MinFragmentSize));
        return sizing with
        {
            Timing = sizing.Timing.WithAnswer(took),
            Size = options.AdaptsFirstFragment ? (int)Math.Max(least, Math.Min(certain, sizing.Size)) : sizing.Size,
        };
    }

    /// <summary>A packet was sent; its answer is not applied yet.</summary>
    public static FragmentSizing Sent(FragmentSizing sizing, BitsPacket packet, SentContent sent)
    {
        // A refusal closes the connection, and its authentication would be lost with it.
        Questions before = sizing.Questions;
        Questions questions = sent.AuthenticatesConnection ? before with { AreForbidden = true } : before;
        if (packet is BitsPacket.Fragment { AsksFirst: true })
        {
            bool isUseless = sent.Bytes > 0 && sent.Wait >= LeastUselessWait && sent.Wait <= MostUselessWait;
            questions = (isUseless ? questions.WithUseless() : questions) with { IsCounted = isUseless };
        }

        return questions == before ? sizing : sizing with { Questions = questions };
    }

    /// <summary>The connection broke while the server was asked: some break it instead of saying no.</summary>
    public static FragmentSizing NotAnswered(FragmentSizing sizing, MachineOptions options) =>
        WithSize(sizing with { Questions = sizing.Questions.WithUseless() }, options, sizing.Size);

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
            Questions = sizing.Questions.WithAck(),
            RefusedWith = null,
        };
        if (sizing.Limit is { } limit && fragment.Length >= limit)
        {
            accepted = AcceptedAtLimit(accepted, options, limit, sizing.AcksBeforeLimitIsTried);
        }

        // A small fragment after a failure, or the rest of a file, says nothing about the connection. One of several equal parts does.
        if (fragment.Length < sizing.Size && (fragment.IsLast || fragment.Length < UsualMaximum / 2))
        {
            return accepted;
        }

        FragmentTiming timing = sizing.Timing.With(fragment.Length, took, writing ?? took);
        double ideal = timing.LengthFor(options.TargetFragmentDuration);
        double next = accepted.Limit is null ? ideal : Math.Min(ideal, Math.Max(2d * fragment.Length, accepted.Accepted));

        // It can be infinite, which is not a number of bytes on every runtime.
        return WithSize(accepted with { Timing = timing }, options, (long)Math.Min(next, options.MaxFragmentSize));
    }

    /// <summary>
    /// A fragment was too large for the server or something on the way. The limit becomes half of its size, or the largest accepted size if
    /// that is more. The upload continues with the largest accepted size or, if there is none, with the limit; but with 28 MiB, within the
    /// limit, if the fragment was larger than that and less than 28 MiB was accepted so far.
    /// </summary>
    /// <param name="sizing">The sizing so far.</param>
    /// <param name="options">The limits.</param>
    /// <param name="fragment">The fragment.</param>
    /// <param name="wasSent">Some of its body was sent, so that the question was of no use if there was one.</param>
    /// <param name="status">The status of the refusal; null if there was no answer.</param>
    public static FragmentSizing Refused(
        FragmentSizing sizing, MachineOptions options, BitsPacket.Fragment fragment, bool wasSent = true, HttpStatusCode? status = null)
    {
        // What was accepted before may no longer be.
        int accepted = sizing.LargestAccepted < fragment.Length ? (int)sizing.LargestAccepted : 0;
        bool isUseless = fragment.AsksFirst && wasSent;
        long half = isUseless ? Math.Min(fragment.Length / 2, UsualMaximum) : fragment.Length / 2;
        int limit = (int)Math.Max(Math.Max(options.MinFragmentSize, accepted), half);
        FragmentSizing refused = sizing with
        {
            Questions = isUseless && !sizing.Questions.IsCounted ? sizing.Questions.WithUseless() : sizing.Questions,
            RefusedWith = wasSent ? null : status,
            Limit = limit,
            LargestAccepted = accepted,
            AcceptedByHost = 0,
            LargestRefused = Math.Max(sizing.LargestRefused, fragment.Length),
            AcksAtLimit = 0,
            ErrorsAbove = 0,
        };
        return WithSize(refused, options, SizeAfterRefusal(refused, options, fragment, isOnlyAsked: !wasSent));
    }

    /// <summary>The server does not know the question, which it said before the body was sent.</summary>
    public static FragmentSizing WithoutQuestions(FragmentSizing sizing, MachineOptions options) =>
        WithSize(sizing with { Questions = sizing.Questions.Off }, options, sizing.Size);

    /// <summary>
    /// A fragment failed: the next one is half as large, because the connection may have become worse. The size stays the same if the
    /// server answered.
    /// </summary>
    public static FragmentSizing Failed(
        FragmentSizing sizing, MachineOptions options, BitsPacket.Fragment fragment, BitsUploadException failure)
    {
        if (failure is not BitsServerException refused)
        {
            // What was measured before may no longer be true, and the jump from it was too large.
            bool isJump = sizing.LargestAccepted > 0 && fragment.Length > sizing.LargestAccepted;
            long size = isJump ? Math.Min(sizing.Size / 2, sizing.LargestAccepted) : sizing.Size / 2;
            return WithSize(sizing with { Timing = new FragmentTiming(), AcceptedByHost = 0 }, options, size);
        }

        bool isAbove = fragment.Length > sizing.LargestAccepted && FailureTable.MayMeanTooLarge(refused.StatusCode);
        return isAbove ? sizing with { ErrorsAbove = sizing.ErrorsAbove + 1 } : sizing;
    }

    private static long SizeAfterRefusal(FragmentSizing refused, MachineOptions options, BitsPacket.Fragment fragment, bool isOnlyAsked)
    {
        if (fragment.Length > UsualMaximum && refused.LargestAccepted < UsualMaximum)
        {
            return UsualMaximum;
        }

        // The limits of most servers are powers of two, and doubling this finds them.
        long least = isOnlyAsked ? options.MinAskedLength / 2 : 0;
        return refused.LargestAccepted > 0 ? Math.Max(refused.LargestAccepted, least) : refused.Limit!.Value;
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

    // The first fragment to a host is no jump: the question would cost each short upload a round trip.
    private static bool IsJump(FragmentSizing sizing, long length) =>
        sizing.Accepted > 0 && length > 2 * sizing.Accepted;

    private static long AcceptedWithoutQuestion(FragmentSizing sizing)
    {
        long accepted = sizing.Accepted;
        return sizing.Limit is null && accepted > UsualMaximum ? accepted + (accepted / UnaskedPart) : accepted;
    }

    // The bytes in equal parts, if it takes at most one part more of the safe size than of the other.
    private static long Split(long bytes, long size, long safe, MachineOptions options)
    {
        if (safe < options.MinFragmentSize)
        {
            return size;
        }

        long parts = Pieces(bytes, safe);
        return parts > 1 + Pieces(bytes, size) ? size : Math.Min(bytes, Math.Max(options.MinFragmentSize, Pieces(bytes, parts)));
    }

    private static long Pieces(long length, long size) => (length + size - 1) / size;

    private static int Maximum(FragmentSizing sizing, MachineOptions options) => options.CanAskFirst && sizing.Questions.MayAsk
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
