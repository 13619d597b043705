namespace BitsClient.Testing.Storage;

/// <summary>A file that is still being written. Not thread-safe: its session serializes the calls.</summary>
internal abstract class PartialFile(Stream content) : IDisposable
{
    // Null after the file is completed or deleted: the session that owns this object lives longer than the stream.
    private Stream? _content = content;

    protected Stream Content => _content ?? throw new ObjectDisposedException(GetType().Name);

    /// <summary>Truncates the file to a length, where writing continues.</summary>
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

    /// <summary>Moves the file to its destination. Later calls do nothing.</summary>
    public void Complete()
    {
        if (_content is not null)
        {
            MoveToDestination();
            End();
        }
    }

    /// <summary>Deletes the file, unless it is complete.</summary>
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
