using BitsClient.Queue;
using Microsoft.Extensions.DependencyInjection;

namespace BitsClient.Cli.Queue;

/// <summary>A queue that is looked at and changed, but not uploaded from.</summary>
internal sealed class OpenQueue : IAsyncDisposable
{
    private readonly QueueLocation _location;
    private readonly ServiceProvider _provider;

    /// <param name="location">The database, which is disposed as well.</param>
    /// <param name="creates">Whether a SQLite database may be created.</param>
    /// <exception cref="ToolException">There is no such file.</exception>
    public OpenQueue(QueueLocation location, bool creates = false)
    {
        if (!creates && location.File is { } file && !File.Exists(file))
        {
            throw new ToolException($"There is no queue '{file}'.");
        }

        _location = location;
        _provider = new ServiceCollection()
            .AddBitsUploadQueue(options => (options.DataSource, options.MaxConcurrentUploads) = (location.Source, 0))
            .BuildServiceProvider();
        Uploads = _provider.GetRequiredService<IBitsUploadQueue>();
    }

    public IBitsUploadQueue Uploads { get; }

    /// <summary>Finds an upload.</summary>
    /// <param name="id">An id or a unique prefix of an id.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="ToolException">No upload matches, or several do.</exception>
    public async Task<BitsQueuedUpload> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (Guid.TryParseExact(id, "D", out Guid whole))
        {
            return await Uploads.GetAsync(whole, cancellationToken) ?? throw Unknown(id);
        }

        IReadOnlyList<BitsQueuedUpload> all = await Uploads.ListAsync(limit: int.MaxValue, cancellationToken: cancellationToken);
        BitsQueuedUpload[] matches =
            [.. all.Where(upload => id.Length > 0 && $"{upload.Id:D}".StartsWith(id, StringComparison.OrdinalIgnoreCase))];
        return matches switch
        {
            [] => throw Unknown(id),
            [var only] => only,
            _ => throw new ToolException(
                $"'{id}' is ambiguous: it matches {matches.Length} uploads in the queue; specify more of the id."),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        await _location.Source.DisposeAsync();
    }

    private static ToolException Unknown(string id) => new($"There is no upload '{id}' in the queue.");
}
