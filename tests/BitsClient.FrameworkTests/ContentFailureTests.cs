using BitsClient.Content;

namespace BitsClient.Tests;

/// <summary>HttpClient of .NET Framework leaves a request open whose content fails, so the content ends it.</summary>
public sealed class ContentFailureTests
{
    [Test]
    public void A_content_that_fails_ends_its_request_and_says_why()
    {
        using BitsUploadSource source = BitsUploadSource.FromStream(new BrokenStream(), "a.bin");
        using FragmentContent content = new(source, 0, 10, hash: null, observer: null);
        Assert.That(content.RequestToken.IsCancellationRequested, Is.False);
        Assert.That(() => content.CopyToAsync(System.IO.Stream.Null), Throws.InstanceOf<Exception>());
        Assert.That(content.RequestToken.IsCancellationRequested, Is.True);
        Assert.That(content.WriteFailure, Is.TypeOf<IOException>().With.Message.EqualTo("The disk is gone."));
    }

    private sealed class BrokenStream() : MemoryStream(new byte[10])
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The disk is gone.");
    }
}
