using BitsClient.Protocol;

namespace BitsClient;

/// <summary>Settings of one upload, beside those of the client. Immutable.</summary>
public sealed record BitsJobOptions
{
    private readonly Dictionary<string, string>? _headers = [];

    internal static BitsJobOptions Default { get; } = new();

    /// <summary>
    /// Headers that are added to every request of the upload, by their names. They go only to the origin of the upload's URL and to
    /// <see cref="BitsUploadOptions.TrustedOrigins"/>, and are not saved: a job that resumes the upload has to be given them again.
    /// Default: none; not null. Headers of the protocol, such as BITS-Session-Id or Content-Range, are not allowed.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers
    {
        get => _headers!;

        // A copy, because the caller may use the same dictionary for another upload.
        init => _headers = value?.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// What the upload is, for people: it is saved in the checkpoint, and is not sent to the server. Default null: nothing; or when an
    /// upload is resumed, what its checkpoint has.
    /// </summary>
    public string? Description { get; init; }

    /// <summary>
    /// Called before each request of this upload, after <see cref="BitsUploadOptions.PrepareRequest"/> and in the same way. Default null.
    /// </summary>
    public Func<BitsRequestContext, CancellationToken, ValueTask>? PrepareRequest { get; init; }

    /// <summary>
    /// Stores the checkpoint of this upload instead of <see cref="BitsUploadOptions.CheckpointStore"/>. Earlier uploads are not searched
    /// for in it. Default null: the store of the client, if it has one.
    /// </summary>
    public IBitsCheckpointStore? CheckpointStore { get; init; }

    /// <exception cref="ArgumentException">A header is not valid.</exception>
    internal void ThrowIfUnusable(string parameterName)
    {
        ArgumentNullException.ThrowIfNull(Headers, parameterName);
        if (Headers.Count == 0)
        {
            return;
        }

        using HttpRequestMessage scratch = new();
        foreach ((string name, string value) in Headers)
        {
            if (FindError(scratch, name, value) is { } error)
            {
                throw new ArgumentException($"The header '{name}' {error}", parameterName);
            }
        }
    }

    private static string? FindError(HttpRequestMessage scratch, string name, string value)
    {
        if (BitsHeaderNames.IsOfProtocol(name))
        {
            return "is part of the protocol, and cannot be set.";
        }

        try
        {
            scratch.Headers.Add(name, value);
            return null;
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            return "is not a request header, or its name or value has characters that are not allowed.";
        }
    }
}
