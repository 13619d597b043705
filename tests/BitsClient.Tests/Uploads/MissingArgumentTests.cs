using BitsClient.Tests.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>An argument that is null or unusable is refused by its name.</summary>
public sealed class MissingArgumentTests
{
    private static readonly BitsJobOptions NoHeaders = new() { Headers = null! };

    private static IEnumerable<TestCaseData> Nulls()
    {
        yield return Case("httpClient", _ => Task.FromResult(new BitsUploadClient(null!)));
        yield return Case("source", client => client.CreateJob(null!, UploadRig.Url).RunAsync(), "of a new upload");
        yield return Case("source", client => client.ResumeJob(States.Least, null!).RunAsync(), "of a resumed upload");
        yield return Case("url", client => client.PingAsync(null!), "of a ping");
        yield return Case("stream", _ => Task.FromResult(BitsUploadSource.FromStream(null!)), "of a source");
        yield return Case("stream", _ => Task.FromResult(BitsReplyTarget.ToStream(null!)), "of a reply");
        yield return Case("path", _ => Task.FromResult(BitsUploadSource.FromFile(null!)), "of a source");
        yield return Case("path", _ => Task.FromResult(BitsReplyTarget.ToFile(null!)), "of a reply");
        yield return Case("folder", _ => Task.FromResult(new BitsFileCheckpointStore(null!)));
        yield return Case("accepts", _ => Task.FromResult(BitsHostIdPolicy.FollowIf(null!)));
        yield return Case("json", _ => Task.FromResult(BitsUploadCheckpoint.FromJson(null!)));
        yield return Case("checkpoint", client => client.CreateOrResumeJobAsync(checkpoint: null!));
        yield return Case("source", client => client.CreateOrResumeJobAsync(null!, UploadRig.Url), "of a found upload");
        yield return Case(
            "options", client => client.CreateJob(BitsUploadSource.FromMemory(new byte[1]), UploadRig.Url, options: NoHeaders).RunAsync());
        yield return Case("options", client => client.CancelSessionAsync(States.Least, NoHeaders), "of a cancel");
    }

    private static IEnumerable<TestCaseData> Unusable()
    {
        yield return Case("path", _ => Task.FromResult(BitsUploadSource.FromFile("")), "of a source");
        yield return Case("path", _ => Task.FromResult(BitsReplyTarget.ToFile("")), "of a reply");
        yield return Case("folder", _ => Task.FromResult(new BitsFileCheckpointStore("")));
        yield return Case("url", client => client.PingAsync(new Uri("upload", UriKind.Relative)), "that is relative");
        yield return Case("url", client => client.PingAsync(new Uri("ftp://bits.test/upload")), "that is not http");
    }

    [TestCaseSource(nameof(Nulls))]
    public void Null_is_refused(string name, Func<BitsUploadClient, Task> call)
    {
        using UploadRig rig = new();
        Assert.That(
            async () => await call(rig.Client),
            Throws.TypeOf<ArgumentNullException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo(name));
        Assert.That(rig.Server.Dialogue, Is.Empty, "nothing was sent");
    }

    [TestCaseSource(nameof(Unusable))]
    public void An_unusable_value_is_refused(string name, Func<BitsUploadClient, Task> call)
    {
        using UploadRig rig = new();
        Assert.That(
            async () => await call(rig.Client),
            Throws.TypeOf<ArgumentException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo(name));
        Assert.That(rig.Server.Dialogue, Is.Empty, "nothing was sent");
    }

    [Test]
    public void A_store_refuses_to_save_null()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(Path.Combine(place.Folder, "uploads"));
        Assert.That(() => store.SaveAsync(null!).AsTask(), Throws.ArgumentNullException);
        Assert.That(Directory.Exists(store.Folder), Is.False, "it did not begin to save");
    }

    private static TestCaseData Case(string name, Func<BitsUploadClient, Task> call, string where = "") =>
        new TestCaseData(name, call).SetArgDisplayNames($"{name} {where}".TrimEnd());
}
