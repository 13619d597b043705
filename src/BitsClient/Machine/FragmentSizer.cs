using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>How big the next fragment is: such that it takes about the time wanted, within the limits, and never far from what just worked. Pure.</summary>
internal static class FragmentSizer
{
    /// <summary>After so many fragments as big as a learnt limit allows, twice its size is tried once: what stood in the way may be gone.</summary>
    private const int AcksBeforeLimitIsTried = 64;

    /// <summary>A fragment was accepted, and it took so long.</summary>
    public static UploadState Accepted(UploadState state, BitsPacket.Fragment fragment, TimeSpan took)
    {
        UploadState accepted = state with { LargestAccepted = Math.Max(state.LargestAccepted, fragment.Length) };
        if (accepted.SizeLimit is { } limit && fragment.Length >= limit)
        {
            int acks = accepted.AcksAtLimit + 1;
            accepted = acks < AcksBeforeLimitIsTried
                ? accepted with { AcksAtLimit = acks }
                : accepted with { AcksAtLimit = 0, SizeLimit = Capped(2L * limit, state.Rules.MaxFragmentSize) };
        }

        // A probe, or the rest of a file, tells nothing of the line.
        return fragment.Length < state.FragmentSize ? accepted : Sized(accepted, Ideal(state, fragment.Length, took));
    }

    /// <summary>A fragment was too big for something: half of it is the limit from here on.</summary>
    public static UploadState Refused(UploadState state, BitsPacket.Fragment fragment)
    {
        int limit = (int)Math.Max(state.Rules.MinFragmentSize, fragment.Length / 2);
        return Sized(state with { SizeLimit = limit, AcksAtLimit = 0 }, limit);
    }

    /// <summary>
    /// A fragment was lost on the way: half as much the next time, in case the line got worse. A server that answers has a line that is good enough.
    /// </summary>
    public static UploadState Failed(UploadState state, BitsUploadException failure) =>
        failure is BitsServerException ? state : Sized(state, state.FragmentSize / 2);

    private static long Ideal(UploadState state, long length, TimeSpan took)
    {
        // Without end where it took no time.
        double ideal = length * (state.Rules.TargetFragmentDuration / took);
        return (long)Math.Clamp(ideal, length / 2d, length * 2d);
    }

    private static UploadState Sized(UploadState state, long size) =>
        state with { FragmentSize = Math.Max(state.Rules.MinFragmentSize, Capped(size, state.SizeLimit ?? state.Rules.MaxFragmentSize)) };

    private static int Capped(long size, int most) => (int)Math.Min(size, most);
}
