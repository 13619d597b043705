#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>A moment in the life of a tool at which it is killed, drawn by chance.</summary>
internal abstract record KillMoment
{
    private KillMoment()
    {
    }

    /// <param name="random">The chance.</param>
    /// <param name="isNew">Whether the upload begins.</param>
    /// <param name="received">How many bytes the server has.</param>
    /// <param name="total">The length of the file.</param>
    /// <param name="fragmentSize">The bytes in a fragment.</param>
    public static KillMoment Random(Random random, bool isNew, long received, long total, int fragmentSize) => random.Next(20) switch
    {
        < 5 => new AfterStart(TimeSpan.FromMilliseconds(random.Next(600))),
        < 14 => new AtOffset(received + random.NextInt64((total - received) * 51 / 50)),
        < 17 => new InBody(random.Next(1, (int)Math.Min(100, ((total - received) / fragmentSize) + 2)), random.Next(fragmentSize)),
        _ => new AtPacket(isNew ? BitsPacketNames.CreateSession : BitsPacketNames.Ping, Handled: random.Next(2) == 0),
    };

    /// <summary>Completes when it has come, or when the tool has ended by itself.</summary>
    /// <returns>The gate to release when the tool is dead, if there is one: a server that reads nothing does not notice that.</returns>
    public abstract Task<BitsGate?> WaitAsync(BitsTestServer server, ToolProcess tool);

    private static async Task<BitsGate?> WaitAsync(BitsGate gate, ToolProcess tool)
    {
        await Task.WhenAny(gate.Reached, tool.WhenExitedAsync());
        return gate;
    }

    /// <summary>So long after the process was started.</summary>
    public sealed record AfterStart(TimeSpan Time) : KillMoment
    {
        public override async Task<BitsGate?> WaitAsync(BitsTestServer server, ToolProcess tool)
        {
            await Task.WhenAny(Task.Delay(Time), tool.WhenExitedAsync());
            return null;
        }
    }

    /// <summary>As soon as the server has so many bytes; beyond the last one, as soon as the session is closed.</summary>
    public sealed record AtOffset(long Offset) : KillMoment
    {
        public override async Task<BitsGate?> WaitAsync(BitsTestServer server, ToolProcess tool)
        {
            int closed = Closed(server);
            while (!tool.HasExited && Closed(server) == closed && !(server.Sessions is [.., var last] && last.Received >= Offset))
            {
                await Task.Delay(1, tool.TimeLimit);
            }

            return null;
        }

        private static int Closed(BitsTestServer server) => server.Sessions.Count(session => session.State is BitsTestSessionState.Closed);
    }

    /// <summary>While the server stands still in the midst of a fragment.</summary>
    public sealed record InBody(int Fragment, int AfterBytes) : KillMoment
    {
        public override Task<BitsGate?> WaitAsync(BitsTestServer server, ToolProcess tool) => WaitAsync(server.HoldBody(Fragment, AfterBytes), tool);
    }

    /// <summary>While the server stands still before or after it handles a packet.</summary>
    public sealed record AtPacket(string Type, bool Handled) : KillMoment
    {
        public override Task<BitsGate?> WaitAsync(BitsTestServer server, ToolProcess tool) =>
            WaitAsync(Handled ? server.HoldAck(Type) : server.HoldRequest(Type), tool);
    }
}
#endif
