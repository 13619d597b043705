#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>A randomly selected moment at which the tool is killed.</summary>
internal abstract record KillMoment
{
    private KillMoment()
    {
    }

    /// <summary>Selects a moment.</summary>
    /// <param name="random">The random number generator.</param>
    /// <param name="isNew">Whether this is the first run of the upload.</param>
    /// <param name="received">The number of bytes that the server has.</param>
    /// <param name="total">The length of the file.</param>
    /// <param name="fragmentSize">The size of a fragment in bytes.</param>
    public static KillMoment Random(Random random, bool isNew, long received, long total, int fragmentSize) => random.Next(20) switch
    {
        < 5 => new AfterStart(TimeSpan.FromMilliseconds(random.Next(600))),
        < 14 => new AtOffset(received + random.NextInt64((total - received) * 51 / 50)),
        14 => new InBody(1, random.Next(fragmentSize)),
        < 17 => new InBody(random.Next(1, (int)Math.Min(100, ((total - received) / fragmentSize) + 2)), random.Next(fragmentSize)),
        _ => new AtPacket(isNew ? BitsPacketNames.CreateSession : BitsPacketNames.Ping, Handled: random.Next(2) == 0),
    };

    /// <summary>Completes at that moment, or when the tool has ended by itself.</summary>
    /// <returns>
    /// The gate to release after the tool is killed, or null. While a packet is held, the server does not read and so does not notice that
    /// the client is gone.
    /// </returns>
    public abstract Task<BitsGate?> WaitAsync(BitsTestServer server, ToolProcess tool);

    private static async Task<BitsGate?> WaitAsync(BitsGate gate, ToolProcess tool)
    {
        await Task.WhenAny(gate.Reached, tool.WhenExitedAsync());
        return gate;
    }

    /// <summary>A time after the process was started.</summary>
    public sealed record AfterStart(TimeSpan Time) : KillMoment
    {
        public override async Task<BitsGate?> WaitAsync(BitsTestServer server, ToolProcess tool)
        {
            await Task.WhenAny(Task.Delay(Time), tool.WhenExitedAsync());
            return null;
        }
    }

    /// <summary>When the server has received a number of bytes. Beyond the end of the file, when the session is closed.</summary>
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

    /// <summary>While the server holds a fragment in the middle of its body.</summary>
    public sealed record InBody(int Fragment, int AfterBytes) : KillMoment
    {
        public override Task<BitsGate?> WaitAsync(BitsTestServer server, ToolProcess tool) =>
            WaitAsync(server.HoldBody(Fragment, AfterBytes), tool);
    }

    /// <summary>While the server holds a packet before or after it is handled.</summary>
    public sealed record AtPacket(string Type, bool Handled) : KillMoment
    {
        public override Task<BitsGate?> WaitAsync(BitsTestServer server, ToolProcess tool) =>
            WaitAsync(Handled ? server.HoldAck(Type) : server.HoldRequest(Type), tool);
    }
}
#endif
