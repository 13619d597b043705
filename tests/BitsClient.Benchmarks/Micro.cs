using System.Net;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Benchmarks;

/// <summary>What the library does for each fragment besides sending it.</summary>
[MemoryDiagnoser]
public class Micro : IDisposable
{
    private static readonly Uri Url = new("http://host/file.bin");
    private static readonly TimeSpan Took = TimeSpan.FromSeconds(10);
    private static readonly MachineOptions Options = MachineOptions.From(new BitsUploadOptions());
    private static readonly BitsPacket.Fragment Fragment = new("id", "file.bin", Offset: 0, Length: 1000, Total: 1_000_000);

    private static readonly UploadState State = new()
    {
        Url = Url,
        Options = Options,
        ContentName = Fragment.ContentName,
        Total = Fragment.Total,
        Sizing = new FragmentSizing { Size = (int)Fragment.Length },
        Session = new OpenSession { Id = Fragment.SessionId },
    };

    private static readonly BitsAck Ack =
        new() { StatusCode = HttpStatusCode.OK, IsAck = true, ReceivedOffset = Fragment.End, ReceivedOffsetText = "1000" };

    private static readonly WireStyle Standard = new(OverridesVerb: false, BitsHeaderNames.UploadProtocol);

    private readonly ByteArrayContent _content = new([]);
    private readonly HttpResponseMessage _response = new();

    /// <summary>Creates the headers of an ack.</summary>
    public Micro()
    {
        _response.Headers.Add(BitsHeaderNames.PacketType, BitsHeaderNames.Ack);
        _response.Headers.Add(BitsHeaderNames.SessionId, Fragment.SessionId);
        _response.Headers.Add(BitsHeaderNames.ReceivedContentRange, Ack.ReceivedOffsetText);
    }

    /// <summary>Runs the benchmarks in this process, so that BenchmarkDotNet builds no project of its own.</summary>
    public static void Run() => BenchmarkRunner.Run<Micro>(
        DefaultConfig.Instance.AddJob(Job.MediumRun.WithLaunchCount(1).WithToolchain(InProcessEmitToolchain.Instance)));

    /// <summary>Writes the request.</summary>
    [Benchmark]
    public void Writer() => BitsPacketWriter.Write(Fragment, Url, _content, Standard).Dispose();

    /// <summary>Reads the answer.</summary>
    [Benchmark]
    public object Reader() => BitsAckReader.Read(_response, DateTimeOffset.UnixEpoch);

    /// <summary>Decides what comes next, and applies the answer.</summary>
    [Benchmark]
    public object Machine()
    {
        BitsPacket packet = UploadMachine.Next(State)!;
        UploadState sending = UploadMachine.Sending(State, packet);
        UploadState sent = UploadMachine.Sent(sending, packet, new SentContent(Fragment.Length, Fragment.Length));
        return UploadMachine.Apply(sent, packet, Ack, Took).State;
    }

    /// <summary>Chooses the next size.</summary>
    [Benchmark]
    public object Sizer() => FragmentSizer.Accepted(State.Sizing, Options, Fragment, Took);

    /// <summary>Disposes what the benchmarks share.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _content.Dispose();
        _response.Dispose();
        GC.SuppressFinalize(this);
    }
}
