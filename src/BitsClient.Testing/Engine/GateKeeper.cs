using System.Globalization;
using BitsClient.Testing.Exchanges;

namespace BitsClient.Testing.Engine;

/// <summary>The gates and the packets that have to wait at them. Packets are counted as they arrive. Thread-safe.</summary>
internal sealed class GateKeeper
{
    private readonly object _lock = new();
    private readonly List<ArmedGate> _armed = [];

    public BitsGate Arm(GateStage stage, string packetType, int occurrence, long afterBytes = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(occurrence, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(afterBytes);
        string bytes = afterBytes > 0 ? string.Create(CultureInfo.InvariantCulture, $", byte {afterBytes}") : "";
        string place = string.Create(CultureInfo.InvariantCulture, $"{packetType} {occurrence} ({stage}{bytes})");
        var gate = new ArmedGate(stage, packetType, afterBytes, new BitsGate(place)) { Left = occurrence };
        lock (_lock)
        {
            _armed.Add(gate);
        }

        return gate.Gate;
    }

    /// <summary>Counts a packet and returns the gates that it has to pass.</summary>
    public IReadOnlyList<ArmedGate> Count(Exchange exchange)
    {
        lock (_lock)
        {
            List<ArmedGate> due = _armed.FindAll(gate => exchange.Is(gate.PacketType) && --gate.Left == 0);
            _armed.RemoveAll(due.Contains);
            return due;
        }
    }

    internal sealed class ArmedGate(GateStage stage, string packetType, long afterBytes, BitsGate gate)
    {
        public GateStage Stage => stage;

        public string PacketType => packetType;

        public long AfterBytes => afterBytes;

        public int Left { get; set; }

        public BitsGate Gate => gate;
    }
}
