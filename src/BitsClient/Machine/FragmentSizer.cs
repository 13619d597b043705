using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>
/// Chooses the size of the next fragment: the size that takes about the target duration, within the limits, but at most twice and at least
/// half the size that was just accepted.
/// </summary>
internal static class FragmentSizer
{
    /// <summary>
    /// After this many fragments at a learned limit, one of twice the size is tried, because the cause of the limit may be gone.
    /// </summary>
    private const int AcksBeforeLimitIsTried = 64;

    /// <summary>A fragment was accepted, and it took this long.</summary>
    public static FragmentSizing Accepted(FragmentSizing sizing, MachineOptions options, BitsPacket.Fragment fragment, TimeSpan took)
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
            accepted = acks < AcksBeforeLimitIsTried
                ? accepted with { AcksAtLimit = acks }
                : accepted with { AcksAtLimit = 0, Limit = Capped(2L * limit, options.MaxFragmentSize) };
        }

        // A small fragment after a failure, or the rest of a file, says nothing about the connection.
        return fragment.Length < sizing.Size ? accepted : WithSize(accepted, options, Ideal(options, fragment.Length, took));
    }

    /// <summary>A fragment was too large for the server or something on the way: half of its size is the new limit.</summary>
    public static FragmentSizing Refused(FragmentSizing sizing, MachineOptions options, BitsPacket.Fragment fragment)
    {
        int limit = (int)Math.Max(options.MinFragmentSize, fragment.Length / 2);
        return WithSize(
            sizing with
            {
                Limit = limit,
                LargestRefused = Math.Max(sizing.LargestRefused, fragment.Length),
                AcksAtLimit = 0,
                ErrorsAbove = 0,
            },
            options, limit);
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

    private static long Ideal(MachineOptions options, long length, TimeSpan took)
    {
        // The result is infinite if the fragment took no time.
        double ideal = length * (options.TargetFragmentDuration / took);
        return (long)Math.Clamp(ideal, length / 2d, length * 2d);
    }

    private static FragmentSizing WithSize(FragmentSizing sizing, MachineOptions options, long size) =>
        sizing with { Size = Math.Max(options.MinFragmentSize, Capped(size, sizing.Limit ?? options.MaxFragmentSize)) };

    private static int Capped(long size, int maximum) => (int)Math.Min(size, maximum);
}
