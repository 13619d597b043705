using BitsClient.Testing.Sessions;

namespace BitsClient.Testing.Engine;

/// <summary>Carries a fragment's bytes into its session, leaving out those it has already and those that aren't to be kept.</summary>
internal sealed class FragmentBody(ServerSession session, int sequence, long known, long keep)
{
    /// <summary>How many bytes of the fragment are in the session now.</summary>
    public long Kept { get; private set; }

    public void Take(ReadOnlyMemory<byte> bytes)
    {
        int kept = (int)Math.Min(bytes.Length, keep - Kept);
        int skipped = (int)Math.Clamp(known - Kept, 0, kept);
        session.Write(sequence, bytes.Span[skipped..kept]);
        Kept += kept;
    }
}
