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
        Assert.That(options.Checked("options").FirstFragmentSize, Is.EqualTo(expected));
    }

    [Test]
    public void A_value_that_was_set_stays()
    {
        BitsUploadOptions options = new() { MinFragmentSize = 5, InitialFragmentSize = 7, MaxFragmentSize = 10_000 };
        Assert.That(options.Checked("options").FirstFragmentSize, Is.EqualTo(7));
    }

    [Test]
    public void Code_that_writes_back_what_it_reads_sets_nothing()
    {
        BitsUploadOptions options = new();
        options.InitialFragmentSize = options.InitialFragmentSize;
        options.MaxFragmentSize = 1000;
        options.MinFragmentSize = 10;
        Assert.That(options.Checked("options").FirstFragmentSize, Is.EqualTo(1000));
    }
}
