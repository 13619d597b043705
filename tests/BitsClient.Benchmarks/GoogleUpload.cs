using Google.Apis.Upload;

namespace BitsClient.Benchmarks;

/// <summary>A resumable upload of Google's library, to a server that is not Google's.</summary>
internal sealed class GoogleUpload(HttpClient http, Uri url, Stream content, ResumableUploadOptions options)
    : ResumableUpload(content, options)
{
    public override async Task<Uri> InitiateSessionAsync(CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, url);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        return response.EnsureSuccessStatusCode().Headers.Location!;
    }
}
