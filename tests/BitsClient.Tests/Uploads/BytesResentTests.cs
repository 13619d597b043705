using System.Net;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>
/// What <c>BytesResent</c> counts: 500,000 bytes in fragments of 100,000, and a session that is lost after 300,000 were acknowledged.
/// </summary>
public sealed class BytesResentTests
{
    private const int Lost = 300_000;
    private readonly byte[] _file = UploadRig.Bytes(500_000);

    [Test]
    public async Task The_bytes_of_a_lost_session_count_as_resent_in_the_next_one()
    {
        // The fourth fragment is refused before any of it is read.
        using UploadRig rig = new(
            options: new BitsUploadOptions { FixedFragmentSize = 100_000, ProgressInterval = TimeSpan.Zero },
            handlers: Interception.Of("Fragment", HttpStatusCode.InternalServerError, times: 1, after: 3, adorn: answer =>
            {
                answer.Headers.Add("BITS-Packet-Type", "Ack");
                answer.Headers.Add("BITS-Error-Code", "0x8020001F");
            }));
        List<BitsUploadProgress> reports = [];
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(_file), UploadRig.Url);
        BitsUploadResult result = await job.RunAsync(new ProgressHandler(reports.Add));

        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
        Assert.That(rig.Server.GetFile("/upload/file.bin").AsSpan().SequenceEqual(_file), Is.True);
        Assert.That((result.BytesResent, result.BytesTransferred, result.Fragments), Is.EqualTo((Lost, 500_000L, 8)));
        Assert.That((reports[^1].BytesResent, reports[^1].BytesSent, reports[^1].Session), Is.EqualTo((Lost, 800_000L, 2)));

        Assert.That(reports.Where(report => report.Session == 1).Select(report => report.BytesResent), Is.All.Zero);
        BitsUploadProgress[] betweenFragments =
            [.. reports.Where(report => report.Session == 2 && report.BytesSent == Lost + report.BytesAcknowledged)];
        Assert.That(betweenFragments.Select(report => report.BytesAcknowledged).Distinct().Count(), Is.EqualTo(6), "0 to 500,000");
        Assert.That(
            betweenFragments,
            Is.All.Matches<BitsUploadProgress>(report => report.BytesResent == Math.Min(Lost, report.BytesAcknowledged)),
            "every byte is resent until the new session gets past what the lost one had");
    }
}
