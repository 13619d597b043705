using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Architecture;

/// <summary>The way from a run to the request is short enough to be read, and each step on it has a name of its own.</summary>
public sealed class CallDepthTests
{
    private const int MaxCalls = 9;

    [Test]
    public async Task A_run_makes_at_most_nine_calls_to_send_a_request()
    {
        StackReader reader = new();
        using HttpClient http = new(new Refusal());
        BitsUploadOptions options = new() { Retry = new BitsRetryOptions { MaxRetries = 0 } };
        BitsUploadClient client = new(http, options, timeProvider: reader);
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(new byte[1]), UploadRig.Url);
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());

        // From the request up. Each asynchronous method has a frame of its own and one of its state machine, which is named after it.
        string[] calls = [.. reader.Calls.SkipWhile(call => !call.EndsWith(".GetAnswerAsync", StringComparison.Ordinal)).Distinct()];
        TestContext.Out.WriteLine(string.Join(Environment.NewLine, calls));
        Assert.That(calls[^1], Does.EndWith(".RunAsync"), "the stack does not reach up to the run");
        Assert.That(calls, Has.Length.LessThanOrEqualTo(MaxCalls));
        Assert.That(calls.Select(call => call.Split('.')[^1]), Is.Unique);
    }

    /// <summary>
    /// Keeps the library's methods on the stack when a timer is changed because a request is handed over: the request itself is sent on
    /// another thread.
    /// </summary>
    private sealed class StackReader : TimeProvider
    {
        public List<string> Calls { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new ReadingTimer(this, base.CreateTimer(callback, state, dueTime, period));

        private void Read()
        {
            List<string> calls = [];
            foreach (StackFrame frame in new StackTrace().GetFrames())
            {
                if (frame.GetMethod() is { DeclaringType: { } type } method && type.Assembly == typeof(BitsUploadClient).Assembly)
                {
                    calls.Add(NameOf(type, method));
                }
            }

            if (Calls.Count == 0 && calls.Any(call => call.EndsWith(".GetAnswerAsync", StringComparison.Ordinal)))
            {
                Calls.AddRange(calls);
            }
        }

        // A state machine is a type within the method's own, <RunAsync>d__12, whose method is MoveNext.
        private static string NameOf(Type type, MethodBase method)
        {
            Match machine = Regex.Match(type.Name, "^<(?<method>.+)>d", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
            return machine.Success ? $"{type.DeclaringType!.Name}.{machine.Groups["method"].Value}" : $"{type.Name}.{method.Name}";
        }

        private sealed class ReadingTimer(StackReader reader, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                reader.Read();
                return timer.Change(dueTime, period);
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }

    private sealed class Refusal : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.Forbidden));
    }
}
