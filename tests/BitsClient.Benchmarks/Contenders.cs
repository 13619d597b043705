using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Google.Apis.Upload;

namespace BitsClient.Benchmarks;

/// <summary>The ways to upload a file that are compared.</summary>
internal static class Contenders
{
    private const int PatchSize = 4 * 1024 * 1024;

    public static Contender Put { get; } = Contender.Of("put", PutAsync);

    public static Contender Bare { get; } = Contender.Of("bare", BareAsync);

    public static Contender Patch { get; } = Contender.Of("patch", PatchAsync);

    public static Contender Google { get; } = Contender.Of("google", GoogleAsync);

    public static Contender RawSocket { get; } = Contender.Of("socket", RawSocketAsync);

    /// <summary>The library, with a new client.</summary>
    public static Contender Ours { get; } = OursWith("ours", new BitsUploadOptions());

    /// <summary>The second upload of a client. What it learned in the first one is not measured.</summary>
    public static Contender OursAgain { get; } = new("ours-again", async trial =>
    {
        Func<Task> upload = await Ours.PrepareAsync(trial);
        await upload();
        return upload;
    });

    /// <summary>The library, with fragments of one size, in bytes.</summary>
    public static Contender OursFixed(string name, int size) => OursWith(name, new BitsUploadOptions { FixedFragmentSize = size });

    /// <summary>The library, with a store of checkpoints in a folder.</summary>
    public static Contender OursWithStore(string name, string folder) =>
        OursWith(name, new BitsUploadOptions { CheckpointStore = new BitsFileCheckpointStore(folder) });

    /// <summary>What <see cref="OursFixed"/> does, by hand.</summary>
    public static Contender BareFixed(int size) => Contender.Of("bare", trial => BareFixedAsync(trial, size));

    private static Contender OursWith(string name, BitsUploadOptions options) => new(name, trial =>
    {
        BitsUploadClient client = new(trial.Http, options);
        return Task.FromResult<Func<Task>>(() => client.UploadFileAsync(trial.Path, trial.Url));
    });

    private static async Task PutAsync(Trial trial)
    {
        using StreamContent content = new(trial.OpenFile());
        using HttpResponseMessage response = await trial.Http.PutAsync(trial.Url, content);
        response.EnsureSuccessStatusCode();
    }

    private static async Task BareAsync(Trial trial)
    {
        string session = await HandMade.OpenAsync(trial.Http, trial.Url);
        using StreamContent content = new(trial.OpenFile());
        await HandMade.SendAsync(
            trial.Http, trial.Url, session, content, new ContentRangeHeaderValue(0, trial.Length - 1, trial.Length));
        await HandMade.CloseAsync(trial.Http, trial.Url, session);
    }

    private static async Task BareFixedAsync(Trial trial, int size)
    {
        string session = await HandMade.OpenAsync(trial.Http, trial.Url);
        await using FileStream file = trial.OpenFile();
        byte[] buffer = new byte[size];
        for (long offset = 0; offset < trial.Length;)
        {
            int count = await file.ReadAtLeastAsync(buffer, size, throwOnEndOfStream: false);
            using ByteArrayContent content = new(buffer, 0, count);
            ContentRangeHeaderValue range = new(offset, offset + count - 1, trial.Length);
            offset = await HandMade.SendAsync(trial.Http, trial.Url, session, content, range);
        }

        await HandMade.CloseAsync(trial.Http, trial.Url, session);
    }

    private static async Task PatchAsync(Trial trial)
    {
        await using FileStream file = trial.OpenFile();
        byte[] buffer = new byte[PatchSize];
        for (long offset = 0; offset < trial.Length;)
        {
            int count = await file.ReadAtLeastAsync(buffer, PatchSize, throwOnEndOfStream: false);
            using HttpRequestMessage request = new(HttpMethod.Patch, trial.Url) { Content = new ByteArrayContent(buffer, 0, count) };
            request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
            using HttpResponseMessage response = await trial.Http.SendAsync(request);
            string acknowledged = response.EnsureSuccessStatusCode().Headers.GetValues("Upload-Offset").Single();
            offset = long.Parse(acknowledged, CultureInfo.InvariantCulture);
        }
    }

    private static async Task GoogleAsync(Trial trial)
    {
        await using FileStream file = trial.OpenFile();
        GoogleUpload upload = new(trial.Http, trial.Url, file, new ResumableUploadOptions { HttpClient = trial.Google });
        IUploadProgress end = await upload.UploadAsync();
        if (end.Status != UploadStatus.Completed)
        {
            throw new InvalidOperationException("Google's library did not upload the file.", end.Exception);
        }
    }

    // The end of the connection says that the sink has read everything.
    private static async Task RawSocketAsync(Trial trial)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(trial.Raw);
        await Task.Run(() => socket.SendFile(trial.Path));
        socket.Shutdown(SocketShutdown.Send);
        await socket.ReceiveAsync(new byte[1]);
    }
}
