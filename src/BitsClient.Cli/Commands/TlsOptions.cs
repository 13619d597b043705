using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace BitsClient.Cli.Commands;

/// <summary>The options for https: whose certificates are accepted, and the certificate of the client.</summary>
internal sealed class TlsOptions
{
    /// <summary>The option that turns the check of certificates off.</summary>
    public const string InsecureName = "--insecure";

    /// <summary>The environment variable with the password of the key or of the PFX file.</summary>
    public const string PasswordVariable = "BITSCLIENT_KEY_PASSWORD";

    private readonly Option<X509Certificate2Collection?> _authorities = new("--cacert")
    {
        Description = "A PEM file with the certificates that sign the server's, instead of those that the system trusts",
        HelpName = "FILE",
        CustomParser = result => Read(result, Authorities),
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "The PEM file with the private key of --cert, if it is a file of its own",
        HelpName = "FILE",
    };

    private readonly Option<X509Certificate2?> _certificate;
    private readonly Option<bool> _insecure = new(InsecureName)
    {
        Description = "Accept any certificate of the server; anyone on the way to it can then read and change what is sent",
    };

    public TlsOptions() => _certificate = new Option<X509Certificate2?>("--cert")
    {
        Description = "A PEM or PFX file with the client certificate, for the server of the URL and --trust-host. The password of the key, "
            + $"if it has one, is read from the environment variable {PasswordVariable}",
        HelpName = "FILE",
        CustomParser = result => Read(result, path => Certificate(path, result.GetValue(_key))),
    };

    public void AddTo(Command command)
    {
        command.Add(_authorities);
        command.Add(_certificate);
        command.Add(_key);
        command.Add(_insecure);
        command.Validators.Add(Validate);
    }

    /// <summary>Adds the values of the options to the settings of a connection.</summary>
    public ConnectionSettings Apply(ParseResult parsed, ConnectionSettings settings) => settings with
    {
        Authorities = parsed.GetValue(_authorities),
        Certificate = parsed.GetValue(_certificate),
        IsInsecure = parsed.GetValue(_insecure),
    };

    private static X509Certificate2Collection Authorities(string path)
    {
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPemFile(path);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("there is no certificate in PEM format");
    }

    private static X509Certificate2 Certificate(string path, string? key)
    {
        string? password = Environment.GetEnvironmentVariable(PasswordVariable);
        if (!File.ReadAllText(path).Contains("-----BEGIN", StringComparison.Ordinal))
        {
            return X509CertificateLoader.LoadPkcs12FromFile(path, password);
        }

        using X509Certificate2 pem = password is null
            ? X509Certificate2.CreateFromPemFile(path, key)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, key);

        // On Windows, a connection cannot use the key that is read from a PEM file.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    // A file that cannot be read is wrong usage, like any other value that is not valid.
    private static T? Read<T>(ArgumentResult result, Func<string, T> read)
        where T : class
    {
        string path = result.Tokens[0].Value;
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            string option = ((OptionResult)result.Parent!).Option.Name;
            return OptionFactory.AddError<T>(result, $"{option}: '{path}' cannot be used: {e.Message.TrimEnd('.')}");
        }
    }

    private void Validate(CommandResult result)
    {
        if (result.GetResult(_key) is not null && result.GetResult(_certificate) is null)
        {
            result.AddError("--key requires --cert");
        }
        else if (result.GetResult(_authorities) is not null && result.GetValue(_insecure))
        {
            result.AddError("--cacert and --insecure exclude each other");
        }
    }
}
