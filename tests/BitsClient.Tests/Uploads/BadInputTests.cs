using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>Input that cannot be uploaded is refused with a clear exception, and nothing is sent.</summary>
public sealed class BadInputTests
{
    private UploadRig _rig = null!;
    private TemporaryFile _file = null!;

    [SetUp]
    public void SetUp()
    {
        _rig = new UploadRig();
        _file = new TemporaryFile(UploadRig.Bytes(10));
    }

    [TearDown]
    public void TearDown()
    {
        Assert.That(_rig.Server.Dialogue, Is.Empty, "nothing was sent");
        _rig.Dispose();
        _file.Dispose();
    }

    [Test]
    public void A_missing_file() =>
        Assert.That(() => Upload(_file.Path + "x"), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("file.binx"));

    [Test]
    public void A_missing_folder() =>
        Assert.That(() => Upload(Path.Combine(_file.Folder, "no", "file.bin")), Throws.TypeOf<DirectoryNotFoundException>());

    [Test]
    public void A_folder() =>
        Assert.That(() => Upload(_file.Folder), Throws.TypeOf<UnauthorizedAccessException>().With.Message.Contains(_file.Folder));

    [Test]
    public void An_empty_file()
    {
        File.WriteAllBytes(_file.Path, []);
        Assert.That(() => Upload(_file.Path), Throws.ArgumentException.With.Message.Contains("empty"));
        Assert.That(() => File.Delete(_file.Path), Throws.Nothing);
        Assert.That(
            () => File.Open(_file.Path, FileMode.Create, FileAccess.Write, FileShare.None).Dispose(),
            Throws.Nothing,
            "the file is not held open");
    }

    [Test]
    public void A_file_that_is_open_for_writing()
    {
        using FileStream writer = File.Open(_file.Path, FileMode.Open, FileAccess.Write, FileShare.None);
        Assert.That(() => Upload(_file.Path), Throws.TypeOf<IOException>());
    }

    [Test]
    public void No_path() => Assert.That(() => Upload(""), Throws.ArgumentException);

    [TestCase("folder/file.bin", "relative")]
    [TestCase("ftp://host/file.bin", "http or https")]
    public void A_url_that_is_relative_or_not_http(string url, string reason) =>
        Assert.That(
            () => Upload(_file.Path, new Uri(url, UriKind.RelativeOrAbsolute)),
            Throws.ArgumentException.With.Message.Contains(reason));

    [Test]
    public void A_url_over_2200_characters() =>
        Assert.That(
            () => Upload(_file.Path, new Uri("http://host/".PadRight(2201, 'a'))),
            Throws.ArgumentException.With.Message.Contains("2200"));

    [TestCase("a\nb.txt")]
    [TestCase("a\rb.txt")]
    [TestCase("a\0b.txt")]
    public void A_name_with_a_control_character(string name) =>
        Assert.That(() => BitsUploadSource.FromFile(_file.Path, name), Throws.ArgumentException.With.Message.Contains("control character"));

    [Test]
    public void A_stream_that_cannot_seek()
    {
        using System.IO.Pipes.AnonymousPipeServerStream pipe = new();
        Assert.That(() => BitsUploadSource.FromStream(pipe), Throws.ArgumentException.With.Message.Contains("cannot be read"));
        using System.IO.Compression.GZipStream zip = new(new MemoryStream(), System.IO.Compression.CompressionMode.Decompress);
        Assert.That(() => BitsUploadSource.FromStream(zip), Throws.ArgumentException.With.Message.Contains("temporary file"));
    }

    [Test]
    public void A_stream_at_its_end()
    {
        using MemoryStream stream = new([1, 2, 3]) { Position = 3 };
        Assert.That(() => BitsUploadSource.FromStream(stream), Throws.ArgumentException.With.Message.Contains("empty"));
        stream.Position = 5;
        Assert.That(() => BitsUploadSource.FromStream(stream), Throws.ArgumentException.With.Message.Contains("empty"), "beyond its end");
    }

    [Test]
    public void No_bytes() => Assert.That(() => BitsUploadSource.FromMemory(default), Throws.ArgumentException);

    [Test]
    public void Options_out_of_range_are_all_reported_at_once()
    {
        BitsUploadOptions options = new()
        {
            MinFragmentSize = 0,
            Retry = new BitsRetryOptions { MaxRetries = -1 },
            ProtocolId = "{00000000-0000-0000-0000-000000000000}",
            CancelTimeout = TimeSpan.Zero,
            OnFailure = (BitsSessionAction)7,
            ProgressInterval = TimeSpan.FromSeconds(-1),
        };
        using HttpClient http = new();
        Assert.That(
            () => new BitsUploadClient(http, options),
            Throws.ArgumentException.With.Message.Contains("MinFragmentSize is 0")
                .And.Message.Contains("MaxRetries is -1")
                .And.Message.Contains("ProtocolId is {0000")
                .And.Message.Contains("CancelTimeout is 00:00:00")
                .And.Message.Contains("OnFailure is 7")
                .And.Message.Contains("ProgressInterval is -00:00:01"));
    }

    [Test]
    public void Options_are_copied()
    {
        BitsUploadOptions options = new();
        using HttpClient http = new();
        BitsUploadClient client = new(http, options);
        options.MinFragmentSize = -1;
        options.Retry.MaxRetries = -1;
        Assert.That(() => client.CreateJob(BitsUploadSource.FromMemory(new byte[1]), UploadRig.Url), Throws.Nothing);
    }

    [Test]
    public void An_invalid_checkpoint()
    {
        BitsUploadCheckpoint good = new() { Url = UploadRig.Url, SessionId = "id", BytesAcknowledged = 1, BytesTotal = 2 };
        foreach (BitsUploadCheckpoint bad in new[]
        {
            good with { SessionId = "" },
            good with { SessionId = "a\nb" },
            good with { BytesAcknowledged = 3 },
            good with { BytesAcknowledged = -1 },
            good with { BytesTotal = 0 },
            good with { Url = new Uri("x", UriKind.Relative) },
        })
        {
            Assert.That(() => _rig.Client.CancelSessionAsync(bad), Throws.ArgumentException, $"{bad}");
        }
    }

    [Test]
    public void A_source_and_a_reply_target_without_a_job_are_released()
    {
        using HttpClient http = new();
        using MemoryStream file = new([1]);
        using MemoryStream reply = new();
        Assert.That(
            () => new BitsUploadClient(http).CreateJob(
                BitsUploadSource.FromStream(file), new Uri("a.zip", UriKind.Relative), BitsReplyTarget.ToStream(reply)),
            Throws.ArgumentException);
        Assert.That(file.CanRead, Is.False);
        Assert.That(reply.CanWrite, Is.False);
    }

    private Task<BitsUploadResult> Upload(string path, Uri? url = null) => _rig.Client.UploadFileAsync(path, url ?? UploadRig.Url);
}
