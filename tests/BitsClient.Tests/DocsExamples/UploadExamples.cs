using System.Net;
using System.Net.Http.Headers;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.DocsExamples;

/// <summary>The samples that upload. The code between two markers also appears in a document, word for word.</summary>
public sealed class UploadExamples
{
    private static readonly byte[] Bytes = UploadRig.Bytes(3_000_000);

    [Test]
    public async Task A_file_with_progress_and_a_token()
    {
        using TemporaryFile file = new(Bytes, "report.zip");
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        (string path, Uri url) = (file.Path, new Uri("http://server/uploads/report.zip"));
        CancellationToken cancellationToken = CancellationToken.None;

        // <upload>
        BitsUploadClient client = new(http);
        BitsProgress progress = new(p => Console.WriteLine($"{Math.Floor(p.Fraction * 100)} % of {p.BytesTotal} bytes"));

        BitsUploadResult result = await client.UploadFileAsync(path, url, progress, cancellationToken);

        Console.WriteLine($"{result.BytesTransferred} bytes in {result.Fragments} fragments");
        // </upload>

        Assert.That(server.GetFile("/uploads/report.zip"), Is.EqualTo(Bytes));
        Assert.That(result.BytesTransferred, Is.EqualTo(3_000_000));
    }

    [Test]
    public async Task A_console_program_shows_a_bar_and_cancels_on_Ctrl_C()
    {
        using TemporaryFile file = new(Bytes, "report.zip");
        using BitsTestServer server = new();
        CreateHttpClient().Dispose();
        using HttpClient http = new(server.CreateHandler());
        (string path, Uri url) = (file.Path, new Uri("http://server/uploads/report.zip"));

        // <console>
        using CancellationTokenSource cancel = new();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;    // the program ends after the session is canceled
            cancel.Cancel();
        };

        BitsUploadClient client = new(http);
        BitsProgress progress = new(p =>
            Console.Write($"\r[{new string('#', (int)(p.Fraction * 40)),-40}] {Math.Floor(p.Fraction * 100)} %"));
        try
        {
            BitsUploadResult result = await client.UploadFileAsync(path, url, progress, cancel.Token);
            Console.WriteLine($"\n{result.BytesTransferred} bytes were uploaded.");
        }
        catch (BitsUploadCanceledException e)
        {
            Console.WriteLine($"\nThe upload was canceled: {e.Outcome}.");
        }
        catch (BitsUploadException e)
        {
            Console.WriteLine($"\n{e.Message}");
        }
        // </console>

        Assert.That(server.GetFile("/uploads/report.zip"), Is.EqualTo(Bytes));
    }

    private static HttpClient CreateHttpClient()
    {
        // <console-http>
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false };
        HttpClient http = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        // </console-http>

        return http;
    }

    [Test]
    public async Task One_upload_has_headers_of_its_own()
    {
        using TemporaryFile file = new(Bytes, "report.zip");
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        BitsUploadClient client = new(http);
        (string path, Uri url) = (file.Path, new Uri("http://server/uploads/report.zip"));

        // <job-options>
        BitsJobOptions options = new()
        {
            Headers = new Dictionary<string, string> { ["X-Department"] = "sales" },
            Description = "The report of May",
        };
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromFile(path), url, options: options);
        await job.RunAsync();
        // </job-options>

        Assert.That(server.Dialogue.Select(exchange => exchange.RequestHeader("X-Department")), Is.All.EqualTo("sales"));
    }

    [Test]
    public async Task The_rate_is_limited()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());

        // <rate>
        BitsRateLimiter limiter = new(bytesPerSecond: 2_000_000);
        BitsUploadClient client = new(http, new BitsUploadOptions { RateLimiter = limiter });

        limiter.BytesPerSecond = 500_000;    // also applies to uploads that are running
        // </rate>

        limiter.BytesPerSecond = 100_000_000;
        await client.UploadAsync(BitsUploadSource.FromMemory(Bytes), new Uri("http://server/uploads/report.zip"));
        Assert.That(server.HasFile("/uploads/report.zip"), Is.True);
        await limiter.DisposeAsync();
    }

    [Test]
    public async Task A_failed_job_is_run_again()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        BitsUploadClient client = new(http);
        (BitsUploadSource source, Uri url) = (BitsUploadSource.FromMemory(Bytes), new Uri("http://server/uploads/report.zip"));
        server.Inject(BitsPacketNames.Fragment, new BitsFault.DropBeforeBody(), occurrence: 2);

        // <run-again>
        await using IBitsUploadJob job = client.CreateJob(source, url);
        try
        {
            await job.RunAsync();
        }
        catch (BitsUploadException e) when (e.IsTransient)
        {
            await job.RunAsync();
        }
        // </run-again>

        Assert.That(server.GetFile("/uploads/report.zip"), Is.EqualTo(Bytes));
        Assert.That(server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_expired_token_is_renewed()
    {
        Tokens tokens = new();
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        Uri url = new("http://server/uploads/report.zip");
        server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(401) { Headers = [new BitsHeader("WWW-Authenticate", "Bearer")] });

        // <prepare>
        BitsUploadClient client = new(http, new BitsUploadOptions
        {
            PrepareRequest = async (context, cancellationToken) =>
            {
                // A token is for the server of the URL, not for another one that it names.
                if (!context.IsOriginalOrigin)
                {
                    return;
                }

                // After a 401, the same packet is sent once more.
                bool isRefused = context.LastStatus is HttpStatusCode.Unauthorized;
                string token = await tokens.GetAsync(renew: isRefused, cancellationToken);
                context.Request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            },
        });
        // </prepare>

        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(Bytes), url);
        await job.RunAsync();

        Assert.That(server.GetFile("/uploads/report.zip"), Is.EqualTo(Bytes));
        IEnumerable<string?> authorizations = server.Dialogue.Select(exchange => exchange.RequestHeader("Authorization")).Distinct();
        Assert.That(authorizations, Is.EqualTo((string[])["Bearer 0", "Bearer 1"]));
    }

    [Test]
    public async Task Credentials_are_bound_to_an_origin_and_another_is_trusted()
    {
        Uri url = new("https://uploads.example.com/reports/a.zip");
        (string user, string password) = ("me", "sesame");

        // <origins>
        SocketsHttpHandler handler = new()
        {
            Credentials = new CredentialCache
            {
                { new Uri("https://uploads.example.com/"), "Basic", new NetworkCredential(user, password) },
            },
            PreAuthenticate = true,
            AllowAutoRedirect = false,
            UseCookies = false,
        };
        using HttpClient http = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Add("X-Api-Key", "12345");

        BitsUploadClient client = new(http, new BitsUploadOptions
        {
            TrustedOrigins = [new Uri("https://node7.example.com/")],
        });
        // </origins>

        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(Bytes), url);
        Assert.That(handler.Credentials!.GetCredential(url, "Basic"), Is.Not.Null);
        Assert.That(handler.Credentials.GetCredential(new Uri("https://node7.example.com/reports/a.zip"), "Basic"), Is.Null);
    }

    private sealed class Tokens
    {
        private int _renewed;

        public Task<string> GetAsync(bool renew, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _renewed += renew ? 1 : 0;
            return Task.FromResult($"{_renewed}");
        }
    }
}
