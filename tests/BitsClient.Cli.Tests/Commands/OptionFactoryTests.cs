using System.CommandLine;
using System.Net;
using BitsClient.Cli.Commands;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The values that each option accepts, and the messages for other values.</summary>
public sealed class OptionFactoryTests
{
    private const string SizeError = "--fragment-size must be a number of bytes from 1 to 2147483647, for example 65536, 64K or 4M";
    private const string AgeError = "--older-than must be a number of days, hours or minutes, for example 7d, 12h or 30m";
    private const string LineError = "--header must be a single line of ASCII characters";
    private const string HeaderError = "--header must be a request header in the form \"Name: value\"";

    [TestCase("1", 1)]
    [TestCase("65536", 65536)]
    [TestCase("2147483647", int.MaxValue)]
    [TestCase("64K", 64 * 1024)]
    [TestCase("64k", 64 * 1024)]
    [TestCase("64KB", 64 * 1024)]
    [TestCase("64KiB", 64 * 1024)]
    [TestCase("2097151K", 2147482624)]
    [TestCase("4M", 4 * 1024 * 1024)]
    [TestCase("4mb", 4 * 1024 * 1024)]
    [TestCase("4MiB", 4 * 1024 * 1024)]
    [TestCase("2047M", 2047 * 1024 * 1024)]
    public void A_size_is_a_number_of_bytes_or_has_a_unit(string text, int size) =>
        Assert.That(Parse(OptionFactory.FragmentSize(), text).Value, Is.EqualTo(size));

    [TestCase("0")]
    [TestCase("0K")]
    [TestCase("-1")]
    [TestCase("+1")]
    [TestCase(" 1")]
    [TestCase("1 K")]
    [TestCase("1.5M")]
    [TestCase("1,024")]
    [TestCase("0x10")]
    [TestCase("many")]
    [TestCase("")]
    [TestCase("K")]
    [TestCase("KiB")]
    [TestCase("4G")]
    [TestCase("10B")]
    [TestCase("2147483648")]
    [TestCase("2097152K")]
    [TestCase("2048M")]
    [TestCase("4096M")]
    public void An_invalid_size_is_refused(string text) =>
        Assert.That(Parse(OptionFactory.FragmentSize(), text).Errors, Is.EqualTo((string[])[SizeError]));

    [TestCase("500K", 500 * 1024)]
    [TestCase("2M", 2 * 1024 * 1024)]
    public void A_rate_is_written_as_a_size(string text, int rate) =>
        Assert.That(Parse(OptionFactory.MaxRate(), text).Value, Is.EqualTo(rate));

    [TestCase("0")]
    [TestCase("fast")]
    public void An_invalid_rate_is_refused(string text) =>
        Assert.That(Parse(OptionFactory.MaxRate(), text).Errors, Is.EqualTo((string[])[
            "--max-rate must be a number of bytes per second from 1 to 2147483647, for example 500K or 2M"]));

    [TestCase("7d", 7 * 24 * 60)]
    [TestCase("12h", 12 * 60)]
    [TestCase("30m", 30)]
    [TestCase("0m", 0)]
    [TestCase("65535d", 65535 * 24 * 60)]
    public void An_age_has_a_unit(string text, int minutes) =>
        Assert.That(Parse(OptionFactory.OlderThan("Age"), text).Value, Is.EqualTo(TimeSpan.FromMinutes(minutes)));

    [TestCase("7")]
    [TestCase("d")]
    [TestCase("")]
    [TestCase("-7d")]
    [TestCase("+7d")]
    [TestCase("7 d")]
    [TestCase("7D")]
    [TestCase("7w")]
    [TestCase("7s")]
    [TestCase("1.5h")]
    [TestCase("65536d")]
    public void An_invalid_age_is_refused(string text) =>
        Assert.That(Parse(OptionFactory.OlderThan("Age"), text).Errors, Is.EqualTo((string[])[AgeError]));

    [TestCase("1", 1)]
    [TestCase("90", 90)]
    [TestCase("30s", 30)]
    [TestCase("5m", 300)]
    [TestCase("24h", 24 * 3600)]
    public void A_timeout_is_in_seconds_unless_it_has_a_unit(string text, int seconds) =>
        Assert.That(Parse(OptionFactory.Timeout(), text).Value, Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase("0")]
    [TestCase("0s")]
    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase("1d")]
    [TestCase("25h")]
    [TestCase("s")]
    [TestCase("")]
    public void An_invalid_timeout_is_refused(string text) => Assert.That(
        Parse(OptionFactory.Timeout(), text).Errors,
        Is.EqualTo((string[])["--timeout must be from one second to one day, for example 30s, 5m or 2h"]));

    [TestCase("0", 0)]
    [TestCase("65535", 65535)]
    public void Retries_are_a_number(string text, int retries) =>
        Assert.That(Parse(OptionFactory.Retries(), text).Value, Is.EqualTo(retries));

    [Test]
    public void Headers_keep_their_order_and_are_trimmed()
    {
        (KeyValuePair<string, string>[]? headers, _) =
            Parse(OptionFactory.Headers(), "X-One: 1", " X-Two :2 ", "X-One:", "X-Url: a:1");

        Assert.That(
            headers,
            Is.EqualTo((KeyValuePair<string, string>[])[new("X-One", "1"), new("X-Two", "2"), new("X-One", ""), new("X-Url", "a:1")]));
    }

    [TestCase("sesame", HeaderError)]
    [TestCase(": sesame", HeaderError)]
    [TestCase("X One: sesame", HeaderError)]
    [TestCase("Allow: sesame", HeaderError, Description = "a content header")]
    [TestCase("X-One: 1\r\nX-Two: sesame", LineError)]
    [TestCase("X-One: ses\u00e4me", LineError)]
    [TestCase("X-One: sesame\u2028", LineError)]
    [TestCase("X-One: sesame\0", LineError)]
    [TestCase("X-One: sesame\u007f", LineError)]
    public void An_invalid_header_is_refused_without_showing_it(string line, string error) =>
        Assert.That(Parse(OptionFactory.Headers(), "X-Fine: 1", line).Errors, Is.EqualTo((string[])[error]));

    [TestCase("BITS-Session-Id")]
    [TestCase("bits-packet-type")]
    [TestCase("Content-Length")]
    [TestCase("Content-Name")]
    [TestCase("content-anything")]
    [TestCase("X-HTTP-Method-Override")]
    [TestCase("Host")]
    [TestCase("Connection")]
    [TestCase("Proxy-Connection")]
    [TestCase("Keep-Alive")]
    [TestCase("Transfer-Encoding")]
    [TestCase("TE")]
    [TestCase("Trailer")]
    [TestCase("Upgrade")]
    [TestCase("Expect")]
    [TestCase("Range")]
    [TestCase("If-Range")]
    public void A_reserved_header_is_refused_and_named(string name) => Assert.That(
        Parse(OptionFactory.Headers(), $"{name}: sesame").Errors,
        Is.EqualTo((string[])[$"--header cannot set {name}, which is reserved for the protocol or the connection"]));

    [TestCase("X-BITS-One")]
    [TestCase("Contents")]
    [TestCase("Authorization")]
    [TestCase("Hosts")]
    public void A_header_with_a_similar_name_is_accepted(string name) =>
        Assert.That(Parse(OptionFactory.Headers(), $"{name}: 1").Value, Is.EqualTo((KeyValuePair<string, string>[])[new(name, "1")]));

    [TestCase("detect", BitsResendPolicy.Detect)]
    [TestCase("resynchronize", BitsResendPolicy.Resynchronize)]
    [TestCase("new-session", BitsResendPolicy.NewSession)]
    public void A_resend_policy_has_a_name(string text, BitsResendPolicy policy) =>
        Assert.That(Parse(OptionFactory.Resend(), text).Value, Is.EqualTo(policy));

    [TestCase("Detect")]
    [TestCase("newsession")]
    [TestCase("0")]
    [TestCase("")]
    public void An_unknown_resend_policy_is_refused_and_the_names_are_listed(string text) => Assert.That(
        Parse(OptionFactory.Resend(), text).Errors,
        Is.EqualTo((string[])["--resend must be detect, resynchronize or new-session"]));

    [Test]
    public void State_is_a_folder_as_specified()
    {
        Assert.That(Parse(OptionFactory.State("", required: true), "up loads").Value?.Folder, Is.EqualTo("up loads"));
        Assert.That(Parse(OptionFactory.State("", required: true), "").Errors, Is.EqualTo((string[])["--state must be a folder"]));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void State_can_be_required(bool required)
    {
        Command command = new("test") { OptionFactory.State("", required) };

        Assert.That(command.Parse([]).Errors, Has.Count.EqualTo(required ? 1 : 0));
    }

    [Test]
    public void The_password_comes_from_the_environment()
    {
        string? password = Environment.GetEnvironmentVariable("BITSCLIENT_PASSWORD");
        (NetworkCredential? user, string[] errors) =
            Parse(OptionFactory.User("--user", "User name", ServerConnection.PasswordVariable), "me");

        Assert.That((user?.UserName, user?.Password), Is.EqualTo(password is null ? (null, null) : ("me", password)));
        string error = "--user requires the password in the environment variable BITSCLIENT_PASSWORD";
        Assert.That(errors, Is.EqualTo(password is null ? (string[])[error] : []));
    }

    [Test]
    public void Options_are_unset_by_default()
    {
        Assert.That(Default(OptionFactory.FragmentSize()), Is.Null);
        Assert.That(Default(OptionFactory.OlderThan("Age")), Is.Null);
        Assert.That(Default(OptionFactory.Resend()), Is.EqualTo(BitsResendPolicy.Detect));
        Assert.That(Default(OptionFactory.OverrideVerb()), Is.False);
        Assert.That(Default(OptionFactory.User("--user", "User name", ServerConnection.PasswordVariable)), Is.Null);
        Assert.That(Default(OptionFactory.State("", required: false)), Is.Null);
        Assert.That(Default(OptionFactory.Headers()), Is.Null.Or.Empty);
    }

    private static T? Default<T>(Option<T> option) => new Command("test") { option }.Parse([]).GetValue(option);

    private static (T? Value, string[] Errors) Parse<T>(Option<T> option, params string[] values)
    {
        Command command = new("test") { option };
        ParseResult parsed = command.Parse([.. values.SelectMany(value => (string[])[option.Name, value])]);
        string[] errors = [.. parsed.Errors.Select(error => error.Message)];
        return (errors.Length == 0 ? parsed.GetValue(option) : default, errors);
    }
}
