namespace BitsClient.Testing.Engine;

/// <summary>Carries a fragment's bytes into its session, leaving out those the session has already.</summary>
internal sealed class FragmentBody(UploadSession session, int sequence, long known)
{
    private long _known = known;

    public void Take(ReadOnlyMemory<byte> bytes)
    {
        int skipped = (int)Math.Min(_known, bytes.Length);
        _known -= skipped;
        session.Write(sequence, bytes.Span[skipped..]);
    }
}
