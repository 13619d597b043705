#if NET10_0_OR_GREATER
using System.Net.NetworkInformation;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>The connections of a tool that was killed.</summary>
internal static class ToolConnections
{
    /// <summary>
    /// Completes when the server has read everything that the tool sent: what is left in a connection is read before its end, and the
    /// server then closes it. Only the tool may be connected to the server.
    /// </summary>
    public static async Task WhenReadAsync(BitsTestHost host, CancellationToken limit)
    {
        while (IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections().Any(connection =>
            connection.LocalEndPoint.Port == host.BaseAddress.Port && connection.State is (TcpState.Established or TcpState.CloseWait)))
        {
            await Task.Delay(1, limit);
        }
    }
}
#endif
