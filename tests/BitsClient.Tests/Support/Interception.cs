using System.Net;

namespace BitsClient.Tests.Support;

/// <summary>Stands between client and server: answers in the server's place, or lets a request pass.</summary>
internal sealed class Interception(Func<HttpRequestMessage, Task<HttpResponseMessage?>> answer) : DelegatingHandler
{
    /// <summary>Answers packets of a type with a status, so many times and after so many have passed, without the server learning of them.</summary>
    public static Interception Of(
        string packetType, HttpStatusCode status, int times = int.MaxValue, int after = 0, Action<HttpResponseMessage>? adorn = null) =>
        new(request =>
        {
            if (TypeOf(request) != packetType || after-- > 0 || times-- <= 0)
            {
                return Task.FromResult<HttpResponseMessage?>(null);
            }

            HttpResponseMessage response = new(status) { RequestMessage = request };
            adorn?.Invoke(response);
            return Task.FromResult<HttpResponseMessage?>(response);
        });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await answer(request) ?? await base.SendAsync(request, cancellationToken);
    }

    private static string TypeOf(HttpRequestMessage request) => request.Headers.NonValidated["BITS-Packet-Type"].ToString();
}
