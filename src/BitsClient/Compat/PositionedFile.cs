#if NETSTANDARD
namespace BitsClient;

/// <summary>
/// A file that is read at a position, under the name that .NET 6 has for one, so that callers are the same on all targets. Reads take
/// turns, because the stream has one position: one that was given up must end before the next one seeks. Thread-safe.
/// </summary>
internal sealed class SafeFileHandle(FileStream file) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public long Length => file.Length;

    public DateTime LastWriteTimeUtc => File.GetLastWriteTimeUtc(file.Name);

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            file.Position = offset;
            return await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => file.Dispose();
}

/// <summary>Reads a file at a position, as in .NET 6.</summary>
internal static class RandomAccess
{
    public static long GetLength(SafeFileHandle file) => file.Length;

    public static ValueTask<int> ReadAsync(SafeFileHandle file, Memory<byte> buffer, long offset, CancellationToken cancellationToken) =>
        file.ReadAsync(buffer, offset, cancellationToken);
}
#endif
