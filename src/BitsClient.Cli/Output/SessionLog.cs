using System.Globalization;
using BitsClient.Testing;

namespace BitsClient.Cli.Output;

/// <summary>Writes a line for each session of the embedded server that has ended: a file that arrived, or an upload that was canceled.</summary>
internal sealed class SessionLog(BitsTestServer server, TextWriter writer)
{
    // The server calls nobody, hence it is asked.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    // The sessions that were told of, by their place in the order of opening, which stays.
    private readonly HashSet<int> _told = [];

    /// <summary>Returns when the token has fired, and all is told.</summary>
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
            if (Line(sessions[i]) is { } line && _told.Add(i))
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
