using BitsClient.Testing;

namespace BitsClient.Tests.Properties;

/// <summary>
/// Compares progress reports with what the server has: BytesAcknowledged never decreases within a session and is never ahead of the server.
/// </summary>
internal sealed class AcknowledgedWatch(BitsTestServer server) : IProgress<BitsUploadProgress>
{
    private readonly Dictionary<string, long> _highest = [];
    private long _acknowledged;
    private int _session;

    /// <summary>The server's acks may be wrong: then reports are not compared with what it has.</summary>
    public bool ServerLies { get; init; }

    public string? Complaint { get; private set; }

    public void Report(BitsUploadProgress value)
    {
        foreach (BitsTestSession session in server.Sessions)
        {
            _highest[session.Id] = Math.Max(_highest.GetValueOrDefault(session.Id), session.Received);
        }

        if (!ServerLies && value.BytesAcknowledged > _highest.Values.DefaultIfEmpty(0).Max())
        {
            Complaint = $"{value} leads the server.";
        }

        if (value.BytesAcknowledged < _acknowledged && value.Session == _session)
        {
            Complaint = $"{value} falls from {_acknowledged}.";
        }

        (_acknowledged, _session) = (value.BytesAcknowledged, value.Session);
    }
}
