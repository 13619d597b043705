using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

public sealed class FragmentSizerTests
{
    private static readonly UploadState State = new()
    {
        Url = new Uri("http://host/f.bin"),
        Rules = MachineOptions.From(new BitsUploadOptions
        {
            MinFragmentSize = 100,
            InitialFragmentSize = 1000,
            MaxFragmentSize = 8000,
            TargetFragmentDuration = TimeSpan.FromSeconds(10),
        }),
        Total = 1_000_000,
        FragmentSize = 1000,
    };

    [TestCase(10, 1000, Description = "as long as wanted")]
    [TestCase(8, 1250)]
    [TestCase(16, 625)]
    [TestCase(1, 2000, Description = "never more than twice")]
    [TestCase(0, 2000)]
    [TestCase(1000, 500, Description = "never less than half")]
    public void The_size_aims_at_the_wanted_duration(int seconds, int size) => Assert.That(After(State, seconds).FragmentSize, Is.EqualTo(size));

    [Test]
    public void It_stays_within_its_limits()
    {
        Assert.That(After(State with { FragmentSize = 8000 }, 1).FragmentSize, Is.EqualTo(8000));
        Assert.That(After(State with { FragmentSize = 100 }, 100).FragmentSize, Is.EqualTo(100));
        Assert.That(After(State with { SizeLimit = 1500 }, 1).FragmentSize, Is.EqualTo(1500));
    }

    [Test]
    public void By_default_no_fragment_is_smaller_than_Windows_makes_them_or_larger_than_IIS_takes()
    {
        BitsUploadOptions defaults = new();
        Assert.That((defaults.MinFragmentSize, defaults.MaxFragmentSize < 30_000_000), Is.EqualTo((5 * 1024, true)));
    }

    [Test]
    public void A_probe_or_the_rest_of_a_file_changes_nothing() =>
        Assert.That(FragmentSizer.Accepted(State, Fragment(100), TimeSpan.Zero).FragmentSize, Is.EqualTo(1000));

    [Test]
    public void A_learnt_limit_is_tried_again_sparingly()
    {
        UploadState state = State with { FragmentSize = 1000, SizeLimit = 1000 };
        for (int ack = 1; ack < 64; ack++)
        {
            state = After(state, 1);
            Assert.That(state.FragmentSize, Is.EqualTo(1000), $"after {ack} acks");
        }

        state = After(state, 1);
        Assert.That(state.FragmentSize, Is.EqualTo(2000));
        state = FragmentSizer.Refused(state, Fragment(2000));
        Assert.That((state.FragmentSize, state.SizeLimit), Is.EqualTo((1000, 1000)), "still too big");
    }

    private static UploadState After(UploadState state, int seconds) =>
        FragmentSizer.Accepted(state, Fragment(state.FragmentSize), TimeSpan.FromSeconds(seconds));

    private static BitsPacket.Fragment Fragment(int length) => new("id", null, 0, length, 1_000_000);
}
