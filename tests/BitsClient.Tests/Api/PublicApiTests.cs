using BitsClient.Tests.Support;

namespace BitsClient.Tests.Api;

/// <summary>The public API is the approved one. A change may break applications: review the difference, then approve it.</summary>
public sealed class PublicApiTests
{
    [TestCase(typeof(BitsUploadClient))]
    [TestCase(typeof(BitsClient.Testing.BitsTestServer))]
    [TestCase(typeof(BitsClient.Queue.IBitsUploadQueue))]
    public void The_public_surface_is_the_approved_one(Type anchor)
    {
        string name = anchor.Assembly.GetName().Name!;
        string file = Repository.PathOf("tests", "BitsClient.Tests", "Api", $"{name}.approved.txt");
        string approved = File.Exists(file) ? File.ReadAllText(file) : "";
        string actual = PublicApi.Of(anchor.Assembly);
        if (actual != approved)
        {
            File.WriteAllText(file.Replace(".approved.", ".received.", StringComparison.Ordinal), actual);
        }

        Assert.That(actual, Is.EqualTo(approved), $"If the change is intended, move {name}.received.txt over {file}.");
    }

    [TestCase(typeof(BitsUploadClient))]
    [TestCase(typeof(BitsClient.Queue.IBitsUploadQueue))]
    public void Every_public_member_of_the_library_is_documented(Type anchor)
    {
        string[] undocumented = [.. PublicApi.Undocumented(anchor.Assembly)];
        Assert.That(undocumented, Is.Empty);
    }
}
