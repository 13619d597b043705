using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>
/// An upload over a <see cref="SimulatedLine"/>, with the sizes that <see cref="FragmentSizer"/> chooses, and what became of its fragments.
/// </summary>
internal sealed class SimulatedUpload(long total, FragmentSizing? known = null)
{
    private static readonly MachineOptions Options = MachineOptions.From(new BitsUploadOptions());

    /// <summary>The line from the middle of the file on; null if it stays the same.</summary>
    public SimulatedLine? Later { get; init; }

    public FragmentSizing Sizing { get; private set; } = known ?? new FragmentSizing { Size = 1024 * 1024 };

    /// <summary>The fragments that were accepted.</summary>
    public List<(long Length, double Seconds)> Fragments { get; } = [];

    public int Questions { get; private set; }

    public int Refusals { get; private set; }

    /// <summary>The bytes of bodies that were refused after they were sent.</summary>
    public long BytesInVain { get; private set; }

    /// <summary>When the first fragment was acknowledged, in seconds.</summary>
    public double FirstAck { get; private set; }

    /// <summary>How long it took, in seconds.</summary>
    public double Seconds { get; private set; }

    public SimulatedUpload Over(SimulatedLine line)
    {
        double created = line.Packet();
        Seconds = created;
        Sizing = FragmentSizer.Answered(Sizing, Options, TimeSpan.FromSeconds(created), total);
        for (long offset = 0; offset < total;)
        {
            long length = FragmentSizer.LengthOf(Sizing, Options, total - offset);
            offset += Send(offset < total / 2 ? line : Later ?? line, length) ? length : 0;
        }

        Seconds += line.Packet();
        return this;
    }

    private bool Send(SimulatedLine line, long length)
    {
        BitsPacket.Fragment fragment = new("id", null, 0, length, long.MaxValue)
        {
            AsksFirst = FragmentSizer.AsksFirst(Sizing, Options, length),
        };
        Seconds += fragment.AsksFirst ? line.Packet() : 0;
        Questions += fragment.AsksFirst ? 1 : 0;
        if (length > line.Limit)
        {
            Refuse(line, fragment);
            return false;
        }

        double took = line.Fragment(length);
        Seconds += took;
        FirstAck = Fragments.Count == 0 ? Seconds : FirstAck;
        Fragments.Add((length, took));
        Sizing = FragmentSizer.Accepted(
            Sizing, Options, fragment, TimeSpan.FromSeconds(took), TimeSpan.FromSeconds(line.Writing(length)));
        return true;
    }

    // The connection is closed, and another one costs two round trips.
    private void Refuse(SimulatedLine line, BitsPacket.Fragment fragment)
    {
        bool wasSent = !fragment.AsksFirst || line.AnswersTooSoon;
        Refusals++;
        BytesInVain += wasSent ? fragment.Length : 0;
        Seconds += (2 * line.Packet()) + (wasSent ? line.Fragment(fragment.Length) : 0);
        Sizing = FragmentSizer.Refused(Sizing, Options, fragment, wasSent);
    }
}
