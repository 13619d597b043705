namespace BitsClient.Testing.Storage;

/// <summary>A file that is still being written. Not thread-safe: its session guards it.</summary>
internal abstract class PartialFile(Stream content) : IDisposable
{
    private bool _ended;

    protected Stream Content { get; } = content;

    /// <summary>Cuts the file to a length, and goes on writing there.</summary>
    public void TrimTo(long length)
    {
        if (!_ended)
        {
            Content.SetLength(length);
            Content.Position = length;
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (!_ended)
        {
            Content.Write(bytes);
        }
    }

    /// <summary>Puts the file at its destination, once.</summary>
    public void Complete()
    {
        if (!_ended)
        {
            MoveToDestination();
            End();
        }
    }

    /// <summary>Drops the file, unless it is complete.</summary>
    public void Dispose()
    {
        if (!_ended)
        {
            Delete();
            End();
        }
    }

    protected abstract void MoveToDestination();

    protected abstract void Delete();

    private void End()
    {
        _ended = true;
        Content.Dispose();
    }
}
