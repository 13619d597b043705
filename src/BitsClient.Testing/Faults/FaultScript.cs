using BitsClient.Testing.Exchanges;

namespace BitsClient.Testing.Faults;

/// <summary>The injected faults and the packets that they affect. Packets are counted as they arrive. Thread-safe.</summary>
internal sealed class FaultScript
{
    private readonly object _lock = new();
    private readonly List<Entry> _entries = [];

    public void Once(string packetType, BitsFault fault, int occurrence)
    {
        int left = occurrence;
        Add(new Entry(packetType, fault, () => --left == 0));
    }

    public void Every(string packetType, BitsFault fault, Func<bool>? when) =>
        Add(new Entry(packetType, fault, when ?? (static () => true)));

    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
        }
    }

    /// <summary>Counts a packet and returns the faults that affect it.</summary>
    public FaultPlay Count(Exchange exchange)
    {
        lock (_lock)
        {
            return new FaultPlay([.. _entries.Where(entry => exchange.Is(entry.PacketType) && entry.IsDue()).Select(entry => entry.Fault)]);
        }
    }

    private void Add(Entry entry)
    {
        lock (_lock)
        {
            _entries.Add(entry);
        }
    }

    private sealed record Entry(string PacketType, BitsFault Fault, Func<bool> IsDue);
}
