using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>How large the first fragment to a host is about which nothing is known.</summary>
public sealed class FirstFragmentTests
{
    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;

    private static readonly UploadState Fresh = new()
    {
        Url = new Uri("http://bits.test/upload/file.bin"),
        Options = MachineOptions.From(new BitsUploadOptions()),
        Total = 100 * MiB,
        Sizing = new FragmentSizing { Size = MiB },
    };

    [TestCase(0, MiB)]
    [TestCase(2, MiB)]
    [TestCase(10, 250 * KiB)]
    [TestCase(80, 96 * KiB)]
    [TestCase(10_000, 96 * KiB)]
    public void Create_Session_shows_how_slow_the_line_may_be(int milliseconds, int length) =>
        Assert.That(FirstAfter(Fresh, milliseconds), Is.EqualTo(length));

    [Test]
    public void A_file_of_1_MiB_is_sent_at_once()
    {
        Assert.That(FirstAfter(Fresh with { Total = MiB }, 200), Is.EqualTo(MiB));
        Assert.That(FirstAfter(Fresh with { Total = MiB + 1 }, 200), Is.EqualTo(96 * KiB));
    }

    [Test]
    public void A_size_that_the_caller_set_is_used()
    {
        MachineOptions options = MachineOptions.From(new BitsUploadOptions { InitialFragmentSize = MiB });
        Assert.That(FirstAfter(Fresh with { Options = options }, 200), Is.EqualTo(MiB));
        MachineOptions large = MachineOptions.From(new BitsUploadOptions { MinFragmentSize = 200 * KiB });
        Assert.That(FirstAfter(Fresh with { Options = large }, 200), Is.EqualTo(200 * KiB), "never less than allowed");
    }

    [Test]
    public void A_size_that_is_known_is_used()
    {
        UploadState known = Fresh with { Sizing = Fresh.Sizing with { Size = 5 * MiB, IsSizeKnown = true } };
        Assert.That(FirstAfter(known, 200), Is.EqualTo(5 * MiB));
    }

    [Test]
    public void The_time_of_Create_Session_says_nothing_about_a_host_that_it_names_but_that_of_the_Ping_does()
    {
        BitsAck ack = new() { StatusCode = HttpStatusCode.OK, IsAck = true, SessionId = "{A}", HostId = "node.test" };
        UploadState moved = UploadMachine.Apply(Fresh, UploadMachine.Next(Fresh)!, ack, TimeSpan.FromMilliseconds(200)).State;
        Assert.That(moved.Sizing.Size, Is.EqualTo(MiB));
        Assert.That(UploadMachine.Next(moved), Is.InstanceOf<BitsPacket.Ping>());
        UploadState pinged = UploadMachine.Apply(moved, new BitsPacket.Ping(), ack, TimeSpan.FromMilliseconds(80)).State;
        Assert.That(((BitsPacket.Fragment)UploadMachine.Next(pinged)!).Length, Is.EqualTo(96 * KiB));
    }

    [Test]
    public void The_second_fragment_has_the_size_that_suits_the_line_and_is_asked_for()
    {
        UploadState created = Created(Fresh with { Total = 1000L * MiB }, 80);
        BitsPacket.Fragment first = (BitsPacket.Fragment)UploadMachine.Next(created)!;
        UploadState sent = UploadMachine.Sent(
            UploadMachine.Sending(created, first), first, new SentContent(first.Length, first.Length));
        BitsAck ack = new() { StatusCode = HttpStatusCode.OK, IsAck = true };
        UploadState acked = UploadMachine.Apply(sent, first, ack, TimeSpan.FromMilliseconds(90), TimeSpan.Zero).State;
        BitsPacket.Fragment second = (BitsPacket.Fragment)UploadMachine.Next(acked)!;
        Assert.That(second.Length, Is.EqualTo(96 * KiB * 1000).Within(1), "10 ms for 96 KiB, so 10 s for 1000 times as much");
        Assert.That(second.AsksFirst);
    }

    private static long FirstAfter(UploadState state, int milliseconds) =>
        ((BitsPacket.Fragment)UploadMachine.Next(Created(state, milliseconds))!).Length;

    private static UploadState Created(UploadState state, int milliseconds) => UploadMachine.Apply(
        state, UploadMachine.Next(state)!, new BitsAck { StatusCode = HttpStatusCode.OK, IsAck = true, SessionId = "{A}" },
        TimeSpan.FromMilliseconds(milliseconds)).State;
}
