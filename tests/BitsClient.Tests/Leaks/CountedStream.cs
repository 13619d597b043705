namespace BitsClient.Tests.Leaks;

/// <summary>Counts how often it is disposed.</summary>
internal sealed class CountedStream : MemoryStream
{
    private int _disposals;

    public CountedStream(byte[] bytes)
    {
        Write(bytes);
        Position = 0;
    }

    public int Disposals => Volatile.Read(ref _disposals);

    protected override void Dispose(bool disposing)
    {
        Interlocked.Increment(ref _disposals);
        base.Dispose(disposing);
    }
}
