using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>
/// Chooses the size of the next fragment: the size whose bytes take about the target duration, within the limits. After a refusal, it grows
/// again from the largest one that was accepted.
/// </summary>
internal static class FragmentSizer
{
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
            ErrorsAbove = fragment.Length > sizing.LargestAccepted && fragment.Length >= sizing.Size ? 0 : sizing.ErrorsAbove,
            BytesPerSecond = took > TimeSpan.Zero ? fragment.Length / took.TotalSeconds : null,
        };
        if (accepted.Limit is { } limit && fragment.Length >= limit)
        {
            int acks = accepted.AcksAtLimit + 1;
            accepted = acks < sizing.AcksBeforeLimitIsTried
                ? accepted with { AcksAtLimit = acks }
                : accepted with
                {
                    AcksAtLimit = 0,
                    AcksBeforeLimitIsTried = 2 * sizing.AcksBeforeLimitIsTried,
                    Limit = Capped(2L * limit, options.MaxFragmentSize),
                };
        }

        // A small fragment after a failure, or the rest of a file, says nothing about the connection.
        if (fragment.Length < sizing.Size)
        {
            return accepted;
        }

        FragmentTiming timing = sizing.Timing.With(fragment.Length, took, writing ?? took);
        double ideal = timing.LengthFor(options.TargetFragmentDuration);
        long next = (long)Math.Min(ideal, accepted.Limit is null ? options.MaxFragmentSize : 2d * fragment.Length);
        return WithSize(accepted with { Timing = timing }, options, next);
    }

    /// <summary>
    /// A fragment was too large for the server or something on the way: the limit is half of its size, or the largest that was accepted,
    /// with which the upload continues.
    /// </summary>
    public static FragmentSizing Refused(FragmentSizing sizing, MachineOptions options, BitsPacket.Fragment fragment)
    {
        int accepted = (int)Math.Min(sizing.LargestAccepted, fragment.Length - 1);
        int limit = (int)Math.Max(Math.Max(options.MinFragmentSize, accepted), fragment.Length / 2);
        return WithSize(
            sizing with
            {
                Limit = limit,
                LargestRefused = Math.Max(sizing.LargestRefused, fragment.Length),
                AcksAtLimit = 0,
                ErrorsAbove = 0,
            },
            options, accepted > 0 ? accepted : limit);
    }

    /// <summary>
    /// A fragment failed: the next one is half as large, because the connection may have become worse. The size stays the same if the
    /// server answered.
    /// </summary>
    public static FragmentSizing Failed(
        FragmentSizing sizing, MachineOptions options, BitsPacket.Fragment fragment, BitsUploadException failure)
    {
        if (failure is not BitsServerException refused)
        {
            return WithSize(sizing, options, sizing.Size / 2);
        }

        bool isAbove = fragment.Length > sizing.LargestAccepted && FailureTable.MayMeanTooLarge(refused.StatusCode);
        return isAbove ? sizing with { ErrorsAbove = sizing.ErrorsAbove + 1 } : sizing;
    }

    private static FragmentSizing WithSize(FragmentSizing sizing, MachineOptions options, long size) =>
        sizing with
        {
            Size = Math.Max(options.MinFragmentSize, Capped(size, sizing.Limit ?? options.MaxFragmentSize)),
            IsSizeKnown = true,
        };

    private static int Capped(long size, int maximum) => (int)Math.Min(size, maximum);
}
