using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace BitsClient.Cli.Tests.Support;

/// <summary>An https server on the loopback address that acknowledges each packet and remembers the client certificates.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate;

    private TlsServer(WebApplication application, X509Certificate2 certificate) =>
        (_application, _certificate) = (application, certificate);

    /// <summary>The subject of the client certificate of each request; null for none.</summary>
    public List<string?> Clients { get; } = [];

    public int Port => new Uri(_application.Urls.Single()).Port;

    public string Url => $"https://localhost:{Port}/a.bin";

    /// <summary>Starts a server with a certificate for localhost that an authority has signed.</summary>
    public static async Task<TlsServer> StartAsync(X509Certificate2 authority)
    {
        using X509Certificate2 signed = SignedBy(authority, "localhost");
        X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(signed.Export(X509ContentType.Pkcs12), null);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                });
            }));
        TlsServer server = new(builder.Build(), certificate);
        server._application.Run(context =>
        {
            server.Clients.Add(context.Connection.ClientCertificate?.Subject);
            context.Response.Headers["BITS-Packet-Type"] = "Ack";
            return Task.CompletedTask;
        });
        await server._application.StartAsync();
        return server;
    }

    /// <summary>Makes a certificate that can sign others.</summary>
    public static X509Certificate2 Authority(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>Makes a certificate with its key, for a host or a client.</summary>
    public static X509Certificate2 SignedBy(X509Certificate2 authority, string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(
            authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _certificate.Dispose();
    }
}
