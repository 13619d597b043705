namespace BitsClient.Testing.Storage;

/// <summary>A file that is still being written. Not thread-safe: its session guards it.</summary>
internal abstract class PartialFile(Stream content) : IDisposable
{
    // Let go of at the end: the session that holds this file outlives it.
    private Stream? _content = content;

    protected Stream Content => _content ?? throw new ObjectDisposedException(GetType().Name);

    /// <summary>Cuts the file to a length, and goes on writing there.</summary>
    public void TrimTo(long length)
    {
        if (_content is not null)
        {
            Content.SetLength(length);
            Content.Position = length;
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_content is not null)
        {
            Content.Write(bytes);
        }
    }

    /// <summary>Puts the file at its destination, once.</summary>
    public void Complete()
    {
        if (_content is not null)
        {
            MoveToDestination();
            End();
        }
    }

    /// <summary>Drops the file, unless it is complete.</summary>
    public void Dispose()
    {
        if (_content is not null)
        {
            Delete();
            End();
        }
    }

    protected abstract void MoveToDestination();

    protected abstract void Delete();

    private void End()
    {
        Content.Dispose();
        _content = null;
    }
}
