namespace BitsClient.Queue.Storage;

/// <summary>What is enqueued. Immutable.</summary>
internal sealed record NewEntry
{
    public required Guid Id { get; init; }

    public required BitsUploadRequest Request { get; init; }

    /// <summary>Checks a request.</summary>
    /// <exception cref="ArgumentException">The path, the URL or the priority cannot be used.</exception>
    public static NewEntry Of(BitsUploadRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(request.Path, nameof(request));
        ArgumentNullException.ThrowIfNull(request.Url, nameof(request));
        ArgumentNullException.ThrowIfNull(request.ClientName, nameof(request));
        if (!request.Url.IsAbsoluteUri || request.Url.Scheme is not ("http" or "https"))
        {
            string found = request.Url.IsAbsoluteUri ? $"has the scheme '{request.Url.Scheme}'" : "is relative";
            throw new ArgumentException($"The URL {found}; it must be an absolute http or https URL.", nameof(request));
        }

        if (request.Url.UserInfo.Length > 0)
        {
            throw new ArgumentException(
                "The URL contains a user name, which would be stored. Give it to the handler of the client that uploads.", nameof(request));
        }

        return Enum.IsDefined(request.Priority)
            ? new NewEntry
            {
                Id = Guid.NewGuid(),
                Request = request with
                {
                    Path = Path.GetFullPath(request.Path),
                    ReplyPath = request.ReplyPath is { } reply ? Path.GetFullPath(reply) : null,
                },
            }
            : throw new ArgumentException($"{request.Priority} is not a priority.", nameof(request));
    }
}
