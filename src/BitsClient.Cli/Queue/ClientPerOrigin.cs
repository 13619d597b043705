using System.Collections.Concurrent;

namespace BitsClient.Cli.Queue;

/// <summary>
/// Uploads with a client for each origin (scheme, host and port) of the queue's URLs, so that a server that names another one for a session
/// does not get the other one's password. Thread-safe.
/// </summary>
/// <param name="open">Creates the HTTP client for the origin of a URL.</param>
/// <param name="create">Creates the upload client for the origin of a URL.</param>
internal sealed class ClientPerOrigin(Func<Uri, HttpClient> open, Func<HttpClient, Uri, BitsUploadClient> create)
    : IBitsUploadClient, IDisposable
{
    private readonly ConcurrentBag<HttpClient> _opened = [];
    private readonly ConcurrentDictionary<string, Lazy<BitsUploadClient>> _clients = new(StringComparer.Ordinal);

    public IBitsUploadJob CreateJob(
        BitsUploadSource source, Uri url, BitsReplyTarget? reply = null, BitsJobOptions? options = null) =>
        For(url).CreateJob(source, url, reply, options);

    public IBitsUploadJob ResumeJob(
        BitsUploadCheckpoint checkpoint, BitsUploadSource source, BitsReplyTarget? reply = null, BitsJobOptions? options = null) =>
        For(checkpoint.Url).ResumeJob(checkpoint, source, reply, options);

    public Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint checkpoint, BitsJobOptions? options = null) =>
        For(checkpoint.Url).CancelSessionAsync(checkpoint, options);

    public Task<BitsUploadResult> UploadFileAsync(
        string path, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        For(url).UploadFileAsync(path, url, progress, cancellationToken);

    public Task<BitsUploadResult> UploadAsync(
        BitsUploadSource source, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        For(url).UploadAsync(source, url, progress, cancellationToken);

    public Task<IBitsUploadJob> CreateOrResumeJobAsync(
        BitsUploadSource source, Uri url, BitsReplyTarget? reply = null, BitsJobOptions? options = null,
        CancellationToken cancellationToken = default) =>
        For(url).CreateOrResumeJobAsync(source, url, reply, options, cancellationToken);

    public Task<IBitsUploadJob> CreateOrResumeJobAsync(
        BitsUploadCheckpoint checkpoint, BitsUploadSource? source = null, BitsReplyTarget? reply = null, BitsJobOptions? options = null,
        CancellationToken cancellationToken = default) =>
        For(checkpoint.Url).CreateOrResumeJobAsync(checkpoint, source, reply, options, cancellationToken);

    public Task<IReadOnlyList<BitsOtherSession>> ForgetAsync(
        BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default) =>
        For(checkpoint.Url).ForgetAsync(checkpoint, cancellationToken);

    public Task PingAsync(Uri url, CancellationToken cancellationToken = default) => For(url).PingAsync(url, cancellationToken);

    // The queue keeps the checkpoints itself.
    public Task<IReadOnlyList<BitsResumedUpload>> ResumeAllAsync(
        IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Dispose()
    {
        foreach (HttpClient http in _opened)
        {
            http.Dispose();
        }
    }

    private BitsUploadClient For(Uri url) => _clients.GetOrAdd(
        url.GetLeftPart(UriPartial.Authority), (_, first) => new Lazy<BitsUploadClient>(() => Create(first)), url).Value;

    private BitsUploadClient Create(Uri url)
    {
        HttpClient http = open(url);
        _opened.Add(http);
        return create(http, url);
    }
}
