using System.Security.Cryptography;
using BitsClient.Content;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

/// <summary>The hash covers a prefix of the source: each byte once, without gaps, and it can be read after it was disposed.</summary>
public sealed class SourceHashTests
{
    private static readonly byte[] File = UploadRig.Bytes(1000);

    [Test]
    public void Bytes_after_a_gap_are_ignored()
    {
        using SourceHash hash = new(Source(File.Length));
        hash.Append(10, File.AsSpan(10, 5));
        Assert.That(hash.Current, Is.EqualTo((0L, Sha256(0))));
        hash.Append(0, File.AsSpan(0, 10));
        hash.Append(11, File.AsSpan(11, 5));
        Assert.That(hash.Current, Is.EqualTo((10L, Sha256(10))));
    }

    [Test]
    public void Bytes_that_are_in_it_already_count_once()
    {
        using SourceHash hash = new(Source(File.Length));
        hash.Append(0, File.AsSpan(0, 10));
        hash.Append(0, File.AsSpan(0, 10));
        hash.Append(3, File.AsSpan(3, 4));
        hash.Append(5, File.AsSpan(5, 15));
        Assert.That(hash.Current, Is.EqualTo((20L, Sha256(20))));
    }

    [Test]
    public void After_it_was_disposed_it_keeps_its_value()
    {
        SourceHash hash = new(Source(File.Length));
        hash.Append(0, File.AsSpan(0, 10));
        hash.Dispose();
        Assert.That(() => hash.Append(10, File.AsSpan(10, 5)), Throws.Nothing);
        Assert.That(hash.Current, Is.EqualTo((10L, Sha256(10))));
    }

    [Test]
    public async Task It_reads_only_what_is_missing()
    {
        CountingSource source = Source(File.Length);
        using SourceHash hash = new(source);
        hash.Append(0, File.AsSpan(0, 400));
        await hash.ReadToAsync(400, CancellationToken.None);
        await hash.ReadToAsync(300, CancellationToken.None);
        Assert.That(source.BytesRead, Is.Zero);
        await hash.ReadToAsync(File.Length, CancellationToken.None);
        Assert.That(source.BytesRead, Is.EqualTo(600));
        Assert.That(hash.Whole, Is.EqualTo(Sha256(File.Length)));
    }

    [Test]
    public void A_source_that_ends_early_has_changed()
    {
        using SourceHash hash = new(Source(length: 1500));
        Assert.That(
            () => hash.ReadToAsync(1200, CancellationToken.None),
            Throws.TypeOf<BitsSourceChangedException>().With.Message.Contains("1000").And.Message.Contains("1500"));
    }

    [Test]
    public async Task An_upload_reads_each_byte_once_to_send_and_to_hash_it()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 300, ComputeSha256 = true });
        CountingSource source = Source(File.Length);
        await using IBitsUploadJob job = rig.Client.CreateJob(source, UploadRig.Url);
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.Sha256, Is.EqualTo(Sha256(File.Length)));
        Assert.That(source.BytesRead, Is.EqualTo(File.Length));
    }

    private static CountingSource Source(long length) => new(length);

    private static string Sha256(int length) => Convert.ToHexString(SHA256.HashData(File.AsSpan(0, length))).ToLowerInvariant();

    /// <summary>Has the bytes of <see cref="File"/>, whatever its length.</summary>
    private sealed class CountingSource(long length) : BitsUploadSource(length, "file.bin", "Nothing.", nameof(length))
    {
        public long BytesRead { get; private set; }

        internal override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int read = Math.Min(buffer.Length, File.Length - (int)offset);
            File.AsMemory((int)offset, read).CopyTo(buffer);
            BytesRead += read;
            return ValueTask.FromResult(read);
        }

        internal override void ThrowIfChanged()
        {
            // It never changes.
        }
    }
}
