namespace BitsClient.PowerShell.Uploads;

/// <summary>The warnings of a run. A cmdlet that waits for the run writes those that no cmdlet has written yet. Thread-safe.</summary>
internal sealed class UploadWarnings
{
    private readonly object _gate = new();
    private readonly List<string> _all = [];
    private Action<string>? _writer;
    private int _written;

    /// <summary>Writes a warning, on any thread, and does not wait; null while no cmdlet waits.</summary>
    public Action<string>? Writer
    {
        set
        {
            lock (_gate)
            {
                _writer = value;
                Write();
            }
        }
    }

    /// <summary>Those that there were so far.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _all];
            }
        }
    }

    public void Add(string warning)
    {
        lock (_gate)
        {
            _all.Add(warning);
            Write();
        }
    }

    private void Write()
    {
        while (_writer is not null && _written < _all.Count)
        {
            _writer(_all[_written++]);
        }
    }
}
