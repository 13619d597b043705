using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

/// <summary>How a file is read for the content of a request.</summary>
public sealed class FileReadTests
{
    [Test]
    public async Task A_file_is_read_on_the_thread_that_sends_it_where_another_thread_would_have_to_block()
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False, "Windows reads without a thread");
        Assume.That(Environment.Version.Major, Is.GreaterThanOrEqualTo(8), ".NET Framework has its own way");
        using TemporaryFile file = new(UploadRig.Bytes(1000));
        using BitsUploadSource source = BitsUploadSource.FromFile(file.Path);
        byte[] buffer = new byte[600];
        ValueTask<int> reading = source.ReadToSendAsync(500, buffer, CancellationToken.None);
        Assert.That(reading.IsCompleted, Is.True);
        Assert.That(await reading, Is.EqualTo(500));
        Assert.That(buffer[..500], Is.EqualTo(UploadRig.Bytes(1000)[500..]));
    }

    [Test]
    public void Only_a_stream_that_the_source_closes_is_closed_on_another_thread([Values] bool leaveOpen)
    {
        using TemporaryFile file = new([1]);
        using MemoryStream stream = new([1]);
        using BitsUploadSource ofFile = BitsUploadSource.FromFile(file.Path);
        using BitsUploadSource ofStream = BitsUploadSource.FromStream(stream, leaveOpen: leaveOpen);
        Assert.That((ofFile.IsForeign, ofStream.IsForeign), Is.EqualTo((false, !leaveOpen)));
    }
}
