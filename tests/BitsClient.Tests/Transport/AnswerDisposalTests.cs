using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Transport;

/// <summary>Every answer is disposed, whatever it answers and whatever it says, so that none keeps its connection.</summary>
public sealed class AnswerDisposalTests
{
    private static readonly byte[] Reply = UploadRig.Bytes(3000);

    private static IEnumerable<string> Packets =>
        [BitsPacketNames.CreateSession, BitsPacketNames.Fragment, BitsPacketNames.ReplyDownload, BitsPacketNames.CloseSession];

    [Test]
    public async Task Of_an_upload_with_a_reply()
    {
        AnswerWatch watch = new();
        using FarmRig rig = Rig(watch);
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream()));
        await job.RunAsync();
        watch.AssertDisposed("Create-Session 200, Fragment 200, Fragment 200, Fragment 200, GET 200, Close-Session 200");
    }

    [TestCaseSource(nameof(Packets))]
    public async Task Of_a_refusal(string packetType)
    {
        AnswerWatch watch = new();
        using FarmRig rig = Rig(watch);
        rig.Server.Inject(packetType, new BitsFault.Answer(403) { Endless = true });
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream()));
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(watch.Answers[^1], Is.EqualTo($"{packetType} 403"));
        watch.AssertDisposed();
    }

    [Test]
    public async Task Of_a_download_that_broke_off_and_one_without_the_rest()
    {
        AnswerWatch watch = new();
        Alteration replies = Alteration.OfReplies(
            Alteration.Break(after: 1000),
            response => response.StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable);
        using FarmRig rig = Rig(replies, watch);
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream()));
        await job.RunAsync();
        watch.AssertDisposed("Create-Session 200, Fragment 200, Fragment 200, Fragment 200, GET 200, GET 416, GET 200, Close-Session 200");
    }

    [Test]
    public async Task Of_a_ping()
    {
        AnswerWatch watch = new();
        using FarmRig rig = Rig(watch);
        rig.Server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(403), occurrence: 2);
        await rig.Client.PingAsync(UploadRig.Url);
        Assert.That(() => rig.Client.PingAsync(UploadRig.Url), Throws.TypeOf<BitsServerException>());
        watch.AssertDisposed("Ping 200, Ping 403");
    }

    [Test]
    public async Task Of_a_cancel([Values] bool byJob)
    {
        AnswerWatch watch = new();
        using FarmRig rig = Rig(watch);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403));
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        BitsUploadCheckpoint state = job.Checkpoint!;
        for (int i = 0; i < 2; i++)
        {
            await (byJob ? job.CancelAsync() : rig.Client.CancelSessionAsync(state));
        }

        watch.AssertDisposed("Create-Session 200, Fragment 403, Cancel-Session 403, Cancel-Session 200");
    }

    private static FarmRig Rig(params DelegatingHandler[] handlers)
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, Retry = { BaseDelay = TimeSpan.Zero } };
        return new FarmRig(new BitsTestServerOptions { Reply = _ => Reply }, options, handlers);
    }

    /// <summary>Records the answers, and which of them were disposed.</summary>
    private sealed class AnswerWatch : DelegatingHandler
    {
        private readonly List<string> _disposed = [];

        public List<string> Answers { get; } = [];

        public void AssertDisposed(string? answers = null)
        {
            Assert.That(string.Join(", ", Answers), Is.EqualTo(answers ?? string.Join(", ", Answers)));
            Assert.That(_disposed, Is.EqualTo(Answers), "each is disposed before the next one arrives");
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            bool isPacket = request.Headers.NonValidated.TryGetValues("BITS-Packet-Type", out var type);
            string answer = $"{(isPacket ? type : request.Method.Method)} {(int)response.StatusCode}";
            Answers.Add(answer);
            response.Content = new WatchedBody(response.Content, () => _disposed.Add(answer));
            return response;
        }
    }

    private sealed class WatchedBody : HttpContent
    {
        private readonly HttpContent _inner;
        private Action? _disposed;

        public WatchedBody(HttpContent inner, Action disposed)
        {
            (_inner, _disposed) = (inner, disposed);
            foreach (KeyValuePair<string, IEnumerable<string>> header in inner.Headers)
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        protected override Task<Stream> CreateContentReadStreamAsync() => _inner.ReadAsStreamAsync();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _inner.CopyToAsync(stream, context);

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? 0;
            return _inner.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            _disposed?.Invoke();
            _disposed = null;
            _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
