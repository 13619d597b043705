using System.Net;

namespace BitsClient.Tests.Support;

/// <summary>A handler between client and server that answers in the server's place, or lets a request pass.</summary>
internal sealed class Interception(Func<HttpRequestMessage, Task<HttpResponseMessage?>> answer) : DelegatingHandler
{
    /// <summary>
    /// Answers packets of a type with a status, a number of times and after a number of them have passed. The server does not see these
    /// packets.
    /// </summary>
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

    public static string TypeOf(HttpRequestMessage request) => request.Headers.GetValues("BITS-Packet-Type").Single();
}
