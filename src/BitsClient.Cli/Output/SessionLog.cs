using System.Globalization;
using BitsClient.Testing;

namespace BitsClient.Cli.Output;

/// <summary>Writes one line for each session of the 'serve' command that ends: a stored file or a canceled upload.</summary>
internal sealed class SessionLog(BitsTestServer server, TextWriter writer)
{
    // The server has no notifications, so it is polled.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    // The indexes of the sessions that were written. The order of sessions never changes.
    private readonly HashSet<int> _written = [];

    /// <summary>Writes until the token is canceled. Sessions that have ended by then are written as well.</summary>
    public async Task WriteUntilAsync(CancellationToken stop)
    {
        using PeriodicTimer timer = new(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                Write();
            }
        }
        catch (OperationCanceledException)
        {
            Write();
        }
    }

    private void Write()
    {
        IReadOnlyList<BitsTestSession> sessions = server.Sessions;
        for (int i = 0; i < sessions.Count; i++)
        {
            if (Line(sessions[i]) is { } line && _written.Add(i))
            {
                writer.WriteLine(OneLine.Of(line));
            }
        }
    }

    private static string? Line(BitsTestSession session) => session.State switch
    {
        BitsTestSessionState.Closed => $"{session.Path}: {UploadSummary.Count(session.Received, "byte")}",
        BitsTestSessionState.Canceled when session.Total is null => $"{session.Path}: canceled before its first byte",
        BitsTestSessionState.Canceled => string.Create(
            CultureInfo.InvariantCulture, $"{session.Path}: canceled at {session.Received} of {session.Total} bytes"),
        _ => null,
    };
}
