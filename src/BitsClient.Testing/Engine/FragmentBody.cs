using BitsClient.Testing.Sessions;

namespace BitsClient.Testing.Engine;

/// <summary>
/// Writes a fragment's bytes to its session, except the first <paramref name="known"/> bytes, which the session already has, and all
/// bytes after the first <paramref name="keep"/>.
/// </summary>
internal sealed class FragmentBody(ServerSession session, int sequence, long known, long keep)
{
    /// <summary>The number of the fragment's bytes that the session now has.</summary>
    public long Kept { get; private set; }

    public void Take(ReadOnlyMemory<byte> bytes)
    {
        int kept = (int)Math.Min(bytes.Length, keep - Kept);
        int skipped = (int)Math.Clamp(known - Kept, 0, kept);
        session.Write(sequence, bytes.Span[skipped..kept]);
        Kept += kept;
    }
}
