namespace BitsClient.Cli.Tests.Support;

/// <summary>Creates progress reports, by default of an upload of 4096 bytes.</summary>
internal static class Reports
{
    public static BitsUploadProgress Of(BitsUploadStatus status, long acknowledged, long total = 4096) => new()
    {
        Status = status,
        BytesAcknowledged = acknowledged,
        BytesSent = acknowledged,
        BytesResent = 0,
        BytesTotal = total,
        Session = 1,
        Attempt = 1,
        FragmentSize = 1024,
        BytesPerSecond = 0,
    };
}
