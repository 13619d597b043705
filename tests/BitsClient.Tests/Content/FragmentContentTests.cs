using BitsClient.Content;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

public sealed class FragmentContentTests
{
    private static readonly byte[] File = UploadRig.Bytes(1000);

    [Test]
    public async Task It_carries_its_range_and_reports_its_length()
    {
        using FragmentContent content = Content();
        Assert.That(content.Headers.ContentLength, Is.EqualTo(500));
        Assert.That(await Body(content), Is.EqualTo(File[200..700]));
        Assert.That(content.BytesHandedOver, Is.EqualTo(500));
    }

    [Test]
    public async Task It_can_be_sent_again()
    {
        using FragmentContent content = Content();
        await Body(content);
        Assert.That(await Body(content), Is.EqualTo(File[200..700]));
    }

    [Test]
    public void Once_abandoned_it_never_hands_over_its_last_bytes()
    {
        using FragmentContent content = Content();
        Assert.That(content.TryWithholdEnd(), Is.True);
        Assert.That(content.TryWithholdEnd(), Is.True, "again");
        using MemoryStream sink = new();
        Assert.That(() => content.CopyToAsync(sink), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(sink.Length, Is.EqualTo(400), "all but the last piece");
    }

    [Test]
    public async Task Once_its_last_bytes_are_handed_over_it_cannot_be_abandoned()
    {
        using FragmentContent content = Content();
        await Body(content);
        Assert.That(content.TryWithholdEnd(), Is.False);
    }

    [Test]
    public void A_source_that_ends_early_counts_as_changed()
    {
        using FragmentContent content = new(new ShortReads(File, most: 100), offset: 700, length: 400, hash: null, observer: null);
        Assert.That(() => Body(content), Throws.TypeOf<BitsSourceChangedException>());
        Assert.That(content.SourceFailure, Is.TypeOf<BitsSourceChangedException>());
    }

    private static FragmentContent Content() => new(new ShortReads(File, most: 100), offset: 200, length: 500, hash: null, observer: null);

    private static async Task<byte[]> Body(FragmentContent content)
    {
        using MemoryStream sink = new();
        await content.CopyToAsync(sink);
        return sink.ToArray();
    }
}
