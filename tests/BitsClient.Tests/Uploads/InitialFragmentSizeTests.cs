namespace BitsClient.Tests.Uploads;

/// <summary>The initial fragment size is 1 MiB unless that is outside of the bounds.</summary>
public sealed class InitialFragmentSizeTests
{
    private const int Default = 1024 * 1024;

    [TestCase(5 * 1024, 28 * Default, Default)]
    [TestCase(Default, Default, Default)]
    [TestCase(1000, 2000, 2000)]
    [TestCase(2 * Default, 3 * Default, 2 * Default)]
    public void It_is_the_default_or_the_bound_that_is_nearest(int minimum, int maximum, int expected)
    {
        BitsUploadOptions options = new() { MinFragmentSize = minimum, MaxFragmentSize = maximum };
        Assert.That(options.InitialFragmentSize, Is.EqualTo(expected));
        using HttpClient http = new();
        Assert.That(() => new BitsUploadClient(http, options), Throws.Nothing);
    }

    [Test]
    public void A_value_that_was_set_stays()
    {
        BitsUploadOptions options = new() { InitialFragmentSize = 7, MaxFragmentSize = 10_000 };
        Assert.That(options.InitialFragmentSize, Is.EqualTo(7));
    }
}
