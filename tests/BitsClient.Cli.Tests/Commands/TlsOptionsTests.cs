using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BitsClient.Cli.Commands;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>https with --cacert, --cert, --key and --insecure.</summary>
[NonParallelizable]
public sealed class TlsOptionsTests
{
    private const string Password = "sesame";

    private X509Certificate2 _authority = null!;
    private X509Certificate2 _client = null!;
    private TlsServer _server = null!;
    private string _folder = null!;

    [SetUp]
    public async Task Start()
    {
        _authority = TlsServer.Authority("our authority");
        _client = TlsServer.SignedBy(_authority, "me");
        _server = await TlsServer.StartAsync(_authority);
        _folder = Directory.CreateTempSubdirectory("bitsclient-tests-").FullName;
    }

    [TearDown]
    public async Task Stop()
    {
        Environment.SetEnvironmentVariable(TlsOptions.PasswordVariable, null);
        await _server.DisposeAsync();
        _client.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_certificate_that_the_system_does_not_trust_is_refused()
    {
        ToolRun run = await PingAsync();

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("there is no secure connection"));
        Assert.That(_server.Clients, Is.Empty);
    }

    [Test]
    public async Task One_that_an_authority_of_the_file_has_signed_is_accepted()
    {
        using X509Certificate2 other = TlsServer.Authority("another authority");
        string file = Write("ca.pem", other.ExportCertificatePem() + "\n" + _authority.ExportCertificatePem());

        ToolRun run = await PingAsync("--cacert", file);

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task One_that_no_authority_of_the_file_has_signed_is_refused()
    {
        using X509Certificate2 other = TlsServer.Authority("another authority");

        ToolRun run = await PingAsync("--cacert", Write("ca.pem", other.ExportCertificatePem()));

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(_server.Clients, Is.Empty);
    }

    [Test]
    public async Task An_insecure_run_accepts_any_certificate_and_warns()
    {
        ToolRun run = await PingAsync("--insecure");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.ErrorLines, Is.EqualTo((string[])[
            "bitsclient: Warning: with --insecure, any certificate of the server is accepted; anyone on the way to it can read and change "
            + "what is sent."]));
    }

    [Test]
    public async Task So_does_a_quiet_one() =>
        Assert.That((await PingAsync("--insecure", "--quiet")).Error, Does.StartWith("bitsclient: Warning: with --insecure, "));

    [Test]
    public async Task A_client_certificate_can_have_its_key_in_a_file_of_its_own() => await AssertIsMeAsync(
        "--cert", Write("me.pem", _client.ExportCertificatePem()), "--key", Write("me.key", Key().ExportPkcs8PrivateKeyPem()));

    [Test]
    public async Task It_can_have_its_key_in_the_same_file() => await AssertIsMeAsync(
        "--cert", Write("me.pem", _client.ExportCertificatePem() + "\n" + Key().ExportPkcs8PrivateKeyPem()));

    [Test]
    public async Task The_password_of_an_encrypted_key_is_in_the_environment()
    {
        Environment.SetEnvironmentVariable(TlsOptions.PasswordVariable, Password);
        PbeParameters encryption = new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 100);

        await AssertIsMeAsync(
            "--cert", Write("me.pem", _client.ExportCertificatePem()),
            "--key", Write("me.key", Key().ExportEncryptedPkcs8PrivateKeyPem(Password, encryption)));
    }

    [TestCase(null)]
    [TestCase(Password)]
    public async Task It_can_be_a_PFX_file(string? password)
    {
        Environment.SetEnvironmentVariable(TlsOptions.PasswordVariable, password);
        string file = Path.Combine(_folder, "me.pfx");
        await File.WriteAllBytesAsync(file, _client.Export(X509ContentType.Pkcs12, password));

        await AssertIsMeAsync("--cert", file);
    }

    [Test]
    public async Task A_wrong_password_is_wrong_usage_and_not_shown()
    {
        Environment.SetEnvironmentVariable(TlsOptions.PasswordVariable, Password + "2");
        string file = Path.Combine(_folder, "me.pfx");
        await File.WriteAllBytesAsync(file, _client.Export(X509ContentType.Pkcs12, Password));

        ToolRun run = await PingAsync("--cert", file);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.StartWith($"bitsclient: --cert: '{file}' cannot be used: ").And.Not.Contain(Password));
    }

    [TestCase("--key requires --cert", "--key", "FILE")]
    [TestCase("--cacert and --insecure exclude each other", "--insecure", "--cacert", "CA")]
    [TestCase("--cacert: 'FILE' cannot be used: there is no certificate in PEM format", "--cacert", "FILE")]
    public async Task Other_combinations_and_files_are_wrong_usage(string error, params string[] options)
    {
        string file = Write("empty.txt", "empty");
        string authority = Write("ca.pem", _authority.ExportCertificatePem());

        ToolRun run = await PingAsync([.. options.Select(option => option switch { "FILE" => file, "CA" => authority, _ => option })]);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.ErrorLines, Is.EqualTo((string[])[
            $"bitsclient: {error.Replace("FILE", file, StringComparison.Ordinal)}. See 'bitsclient ping --help'."]));
    }

    [Test]
    public async Task Another_host_does_not_receive_the_client_certificate()
    {
        using HttpClient http = ServerConnection.Open(new ConnectionSettings
        {
            Origins = [new Uri(_server.Url)],
            Certificate = _client,
            IsInsecure = true,
        });

        await new BitsUploadClient(http).PingAsync(new Uri($"https://127.0.0.1:{_server.Port}/a.bin"));
        await new BitsUploadClient(http).PingAsync(new Uri(_server.Url));

        Assert.That(_server.Clients, Is.EqualTo((string?[])[null, "CN=me"]));
    }

    private async Task AssertIsMeAsync(params string[] options)
    {
        ToolRun run = await PingAsync([.. options, "--insecure", "--quiet"]);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(_server.Clients, Is.EqualTo((string[])["CN=me"]));
    }

    private Task<ToolRun> PingAsync(params string[] options) => ToolInProcess.RunAsync(["ping", _server.Url, .. options]);

    private ECDsa Key() => _client.GetECDsaPrivateKey()!;

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
