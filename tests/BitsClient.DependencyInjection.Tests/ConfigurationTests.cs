using System.Globalization;
using System.Reflection;
using BitsClient.DependencyInjection.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BitsClient.DependencyInjection.Tests;

/// <summary>Options from a section of the configuration, by AddBitsUploadClient and by the binder of .NET.</summary>
public sealed class ConfigurationTests
{
    // Every option that a configuration can have, with a value that is not its default.
    private static readonly Dictionary<string, string> Values = new()
    {
        ["MinFragmentSize"] = "6000",
        ["InitialFragmentSize"] = "7000",
        ["MaxFragmentSize"] = "8000",
        ["FixedFragmentSize"] = "9000",
        ["TargetFragmentDuration"] = "00:00:11",
        ["StallTimeout"] = "00:03:00",
        ["ResponseTimeout"] = "00:06:00",
        ["NoProgressTimeout"] = "01:00:00",
        ["CancelTimeout"] = "00:00:20",
        ["ProgressInterval"] = "00:00:01",
        ["MaxReplySize"] = "5000000000",
        ["AllowReplyFromAnyOrigin"] = "true",
        ["TrustedOrigins:0"] = "https://node7/",
        ["HostIdPolicy"] = "Ignore",
        ["OverrideVerb"] = "true",
        ["ComputeSha256"] = "true",
        ["ResumeExisting"] = "false",
        ["ProtocolId"] = "7DF0354D-249B-430F-820D-3D2A9BEF4931",
        ["ResendPolicy"] = "NewSession",
        ["OnCancellation"] = "KeepSession",
        ["OnFailure"] = "CancelSession",
        ["Retry:MaxRetries"] = "3",
        ["Retry:MaxRestarts"] = "4",
        ["Retry:BaseDelay"] = "00:00:02",
        ["Retry:MaxDelay"] = "00:01:00",
    };

    // Options that are code, or objects.
    private static readonly string[] NotConfigurable = ["Retry", "PrepareRequest", "CheckpointStore", "RateLimiter"];

    private static IEnumerable<string> Keys => Values.Keys;

    [Test]
    public void Every_option_is_tested()
    {
        IEnumerable<string> options = typeof(BitsUploadOptions).GetProperties().Select(property => property.Name).Except(NotConfigurable);
        IEnumerable<string> retry = typeof(BitsRetryOptions).GetProperties().Select(property => $"Retry:{property.Name}")
            .Except(["Retry:ConfigurePipeline"]);
        Assert.That(Values.Keys.Select(key => key.Split(":0")[0]), Is.EquivalentTo(options.Concat(retry)));
    }

    [TestCaseSource(nameof(Keys))]
    public void One_option_is_read_and_no_other_changes(string key)
    {
        BitsUploadOptions options = Read(new() { [key] = Values[key] });
        foreach (string other in Values.Keys)
        {
            Assert.That(ValueOf(options, other), Is.EqualTo(other == key ? Values[key] : ValueOf(new BitsUploadOptions(), other)), other);
        }
    }

    [Test]
    public void All_options_are_read_together() =>
        Assert.That(Values.Keys.Select(key => ValueOf(Read(Values), key)), Is.EqualTo(Values.Values));

    [Test]
    public void The_binder_of_dotnet_reads_one_option_and_changes_no_other(
        [ValueSource(nameof(Keys))] string key, [Values] bool isGenerated)
    {
        BitsUploadOptions options = Bound(new() { [key] = Values[key] }, isGenerated);
        foreach (string other in Values.Keys)
        {
            string? expected = other == key && CanRead(key, isGenerated) ? Values[key] : ValueOf(new BitsUploadOptions(), other);
            Assert.That(ValueOf(options, other), Is.EqualTo(expected), other);
        }
    }

    [Test]
    public void The_binder_of_dotnet_reads_all_options_together([Values] bool isGenerated)
    {
        BitsUploadOptions options = Bound(Values, isGenerated);
        IEnumerable<string> keys = Values.Keys.Where(key => CanRead(key, isGenerated));
        Assert.That(keys.Select(key => ValueOf(options, key)), Is.EqualTo(keys.Select(key => Values[key])));
    }

    [Test]
    public void Keys_and_names_of_values_are_compared_without_case()
    {
        BitsUploadOptions options = Read(new() { ["resendpolicy"] = "newsession", ["RETRY:maxretries"] = "1" });
        Assert.That((options.ResendPolicy, options.Retry.MaxRetries), Is.EqualTo((BitsResendPolicy.NewSession, 1)));
    }

    [Test]
    public async Task A_list_may_be_empty_or_have_several_items()
    {
        using IHost host = TestHost.Build(services => services.AddBitsUploadClient(Section(new() { ["TrustedOrigins"] = "" })));
        await host.StartAsync();
        Assert.That(OptionsOf(host).TrustedOrigins, Is.Empty);
        BitsUploadOptions options = Read(new() { ["TrustedOrigins:0"] = "https://node7", ["TrustedOrigins:1"] = "https://node8" });
        Assert.That(options.TrustedOrigins, Has.Count.EqualTo(2));
    }

    [Test]
    public void An_item_of_a_list_may_not_be_empty()
    {
        using IHost host = TestHost.Build(services => services.AddBitsUploadClient(Section(new() { ["TrustedOrigins:0"] = "" })));
        Assert.That(
            () => host.StartAsync(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("Bits:TrustedOrigins:0 is ''; it must be a URL"));
    }

    [Test]
    public void Code_comes_after_the_section()
    {
        using IHost host = TestHost.Build(services => services.AddBitsUploadClient(
            Section(new() { ["StallTimeout"] = "00:03:00" }), options => options.StallTimeout *= 2));
        Assert.That(OptionsOf(host).StallTimeout, Is.EqualTo(TimeSpan.FromMinutes(6)));
    }

    [Test]
    public void Every_fault_is_in_one_message_with_the_key_the_value_and_what_is_allowed()
    {
        Dictionary<string, string> values = new()
        {
            ["StalTimeout"] = "00:01:00",
            ["StallTimeout7"] = "00:01:00",
            ["MinFragmentSize"] = "few",
            ["CancelTimeout"] = "soon",
            ["OnFailure"] = "Retry",
            ["OverrideVerb"] = "yes",
            ["Retry:MaxRetries"] = "99999999999",
            ["MaxReplySize"] = "-1",
        };
        using IHost host = TestHost.Build(services => services.AddBitsUploadClient(Section(values)));
        OptionsValidationException e = Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())!;
        Assert.That(e.Failures, Has.Exactly(9).Items);
        Assert.That(
            e.Message,
            Does.Contain("Bits:StalTimeout is not an option.").And.Contain("Bits:StallTimeout7 is not an option.")
                .And.Contain("The options are MinFragmentSize, ")
                .And.Contain("Bits:MinFragmentSize is 'few'; it must be a number of bytes.")
                .And.Contain("Bits:CancelTimeout is 'soon'; it must be a time such as 00:02:00.")
                .And.Contain("Bits:OnFailure is 'Retry'; it must be one of CancelSession, KeepSession.")
                .And.Contain("Bits:OverrideVerb is 'yes'; it must be true or false.")
                .And.Contain("Bits:Retry:MaxRetries is '99999999999'; it must be a number.")
                .And.Contain("MaxReplySize is -1; it must be at least 0."));
    }

    // The generator knows no type converters; AddBitsUploadClient reads the policy.
    private static bool CanRead(string key, bool isGenerated) => !isGenerated || key != "HostIdPolicy";

    private static BitsUploadOptions Bound(Dictionary<string, string> values, bool isGenerated)
    {
        BitsUploadOptions options = new();
        IConfigurationSection section = Section(values);
        if (isGenerated)
        {
            section.Bind(options);
        }
        else
        {
            MethodInfo bind = typeof(ConfigurationBinder).GetMethod("Bind", [typeof(IConfiguration), typeof(object)])!;
            bind.Invoke(obj: null, [section, options]);
        }

        return options;
    }

    private static BitsUploadOptions Read(Dictionary<string, string> values)
    {
        using IHost host = TestHost.Build(services => services.AddBitsUploadClient(Section(values)));
        return OptionsOf(host);
    }

    private static BitsUploadOptions OptionsOf(IHost host) =>
        host.Services.GetRequiredService<IOptionsMonitor<BitsUploadOptions>>().Get(Options.DefaultName);

    private static IConfigurationSection Section(Dictionary<string, string> values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.ToDictionary(pair => $"Bits:{pair.Key}", pair => (string?)pair.Value))
        .Build()
        .GetSection("Bits");

    private static string? ValueOf(object options, string key)
    {
        string[] names = key.Split(':', 2);
        PropertyInfo property = options.GetType().GetProperty(names[0])!;
        object? value = property.GetValue(options);
        return (names.Length, value) switch
        {
            (2, IList<Uri> origins) => origins.SingleOrDefault()?.AbsoluteUri,
            (2, _) => ValueOf(value!, names[1]),
            (_, BitsHostIdPolicy policy) => policy == BitsHostIdPolicy.Ignore ? "Ignore" : "Follow",
            (_, bool flag) => flag ? "true" : "false",
            (_, TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }
}
