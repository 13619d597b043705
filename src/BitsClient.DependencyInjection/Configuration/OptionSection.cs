using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace BitsClient.DependencyInjection.Configuration;

/// <summary>
/// Reads options from a section of the configuration. Unlike a binder, it uses no reflection, and its messages name the key, the value, and
/// what is allowed.
/// </summary>
internal static class OptionSection
{
    private const string Bytes = "a number of bytes";
    private const string Count = "a number";
    private const string Time = "a time such as 00:02:00";
    private const string Flag = "true or false";

    private static readonly Dictionary<string, Setting> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(BitsUploadOptions.MinFragmentSize)] = new(Bytes, (o, v) => o.MinFragmentSize = Int(v)),
        [nameof(BitsUploadOptions.InitialFragmentSize)] = new(Bytes, (o, v) => o.InitialFragmentSize = Int(v)),
        [nameof(BitsUploadOptions.MaxFragmentSize)] = new(Bytes, (o, v) => o.MaxFragmentSize = Int(v)),
        [nameof(BitsUploadOptions.FixedFragmentSize)] = new(Bytes, (o, v) => o.FixedFragmentSize = Int(v)),
        [nameof(BitsUploadOptions.TargetFragmentDuration)] = new(Time, (o, v) => o.TargetFragmentDuration = TimeOf(v)),
        [nameof(BitsUploadOptions.StallTimeout)] = new(Time, (o, v) => o.StallTimeout = TimeOf(v)),
        [nameof(BitsUploadOptions.ResponseTimeout)] = new(Time, (o, v) => o.ResponseTimeout = TimeOf(v)),
        [nameof(BitsUploadOptions.NoProgressTimeout)] = new(Time, (o, v) => o.NoProgressTimeout = TimeOf(v)),
        [nameof(BitsUploadOptions.CancelTimeout)] = new(Time, (o, v) => o.CancelTimeout = TimeOf(v)),
        [nameof(BitsUploadOptions.ProgressInterval)] = new(Time, (o, v) => o.ProgressInterval = TimeOf(v)),
        [nameof(BitsUploadOptions.MaxReplySize)] = new(Bytes, (o, v) => o.MaxReplySize = long.Parse(v, CultureInfo.InvariantCulture)),
        [nameof(BitsUploadOptions.AllowReplyFromAnyOrigin)] = new(Flag, (o, v) => o.AllowReplyFromAnyOrigin = bool.Parse(v)),
        [nameof(BitsUploadOptions.OverrideVerb)] = new(Flag, (o, v) => o.OverrideVerb = bool.Parse(v)),
        [nameof(BitsUploadOptions.ComputeSha256)] = new(Flag, (o, v) => o.ComputeSha256 = bool.Parse(v)),
        [nameof(BitsUploadOptions.ResumeExisting)] = new(Flag, (o, v) => o.ResumeExisting = bool.Parse(v)),
        [nameof(BitsUploadOptions.ProtocolId)] = new("the GUID of the protocol", (o, v) => o.ProtocolId = v),
        [nameof(BitsUploadOptions.TrustedOrigins)] = new("a URL such as https://node7", (o, v) => o.TrustedOrigins.Add(new Uri(v)))
        {
            IsList = true,
        },
        [nameof(BitsUploadOptions.HostIdPolicy)] = new("Follow or Ignore", (o, v) => o.HostIdPolicy = PolicyOf(v)),
        [nameof(BitsUploadOptions.ResendPolicy)] = new(OneOf<BitsResendPolicy>(), (o, v) => o.ResendPolicy = EnumOf<BitsResendPolicy>(v)),
        [nameof(BitsUploadOptions.OnCancellation)] =
            new(OneOf<BitsSessionAction>(), (o, v) => o.OnCancellation = EnumOf<BitsSessionAction>(v)),
        [nameof(BitsUploadOptions.OnFailure)] = new(OneOf<BitsSessionAction>(), (o, v) => o.OnFailure = EnumOf<BitsSessionAction>(v)),
        [Retry(nameof(BitsRetryOptions.MaxRetries))] = new(Count, (o, v) => o.Retry.MaxRetries = Int(v)),
        [Retry(nameof(BitsRetryOptions.MaxRestarts))] = new(Count, (o, v) => o.Retry.MaxRestarts = Int(v)),
        [Retry(nameof(BitsRetryOptions.BaseDelay))] = new(Time, (o, v) => o.Retry.BaseDelay = TimeOf(v)),
        [Retry(nameof(BitsRetryOptions.MaxDelay))] = new(Time, (o, v) => o.Retry.MaxDelay = TimeOf(v)),
    };

    /// <summary>Sets the options that the section has. A key or a value that is not valid is left to <see cref="FindErrors"/>.</summary>
    public static void Apply(IConfiguration section, BitsUploadOptions options)
    {
        foreach ((string key, string value) in ValuesOf(section))
        {
            if (Find(key) is { } setting)
            {
                setting.TrySet(options, value);
            }
        }
    }

    /// <summary>What is wrong with the section, one sentence each.</summary>
    public static IReadOnlyList<string> FindErrors(IConfiguration section)
    {
        string place = section is IConfigurationSection { Path: var path } ? $"{path}:" : "";
        BitsUploadOptions scratch = new();
        List<string> errors = [];
        List<string> unknown = [];
        foreach ((string key, string value) in ValuesOf(section))
        {
            if (Find(key) is not { } setting)
            {
                unknown.Add($"{place}{key}");
            }
            else if (!setting.TrySet(scratch, value))
            {
                errors.Add($"{place}{key} is '{value}'; it must be {setting.Expected}.");
            }
        }

        return unknown.Count == 0
            ? errors
            : [.. errors, .. unknown.Select(key => $"{key} is not an option."), $"The options are {string.Join(", ", Settings.Keys)}."];
    }

    // Keys with their values, those of a nested section as "Retry:MaxRetries".
    private static IEnumerable<(string Key, string Value)> ValuesOf(IConfiguration section) => section
        .AsEnumerable(makePathsRelative: true)
        .Where(entry => entry.Value is not null && !IsEmptyList(entry.Key, entry.Value))
        .Select(entry => (entry.Key, entry.Value!));

    // "TrustedOrigins": [] is read as a key with an empty value.
    private static bool IsEmptyList(string key, string value) =>
        value.Length == 0 && Settings.GetValueOrDefault(key) is { IsList: true };

    // An item of a list has its index as the last part of its key.
    private static Setting? Find(string key)
    {
        int colon = key.LastIndexOf(':');
        bool isItem = colon > 0 && colon + 1 < key.Length && key.Skip(colon + 1).All(char.IsAsciiDigit);
        return !isItem ? Settings.GetValueOrDefault(key)
            : Settings.GetValueOrDefault(key[..colon]) is { IsList: true } list ? list : null;
    }

    private static BitsHostIdPolicy PolicyOf(string value) => value.ToUpperInvariant() switch
    {
        "FOLLOW" => BitsHostIdPolicy.Follow,
        "IGNORE" => BitsHostIdPolicy.Ignore,
        _ => throw new FormatException(),
    };

    private static string Retry(string name) => $"{nameof(BitsUploadOptions.Retry)}:{name}";

    private static int Int(string value) => int.Parse(value, CultureInfo.InvariantCulture);

    private static TimeSpan TimeOf(string value) => TimeSpan.Parse(value, CultureInfo.InvariantCulture);

    private static T EnumOf<T>(string value)
        where T : struct, Enum =>
        Enum.TryParse(value, ignoreCase: true, out T result) && Enum.IsDefined(result) ? result : throw new FormatException();

    private static string OneOf<T>()
        where T : struct, Enum => $"one of {string.Join(", ", Enum.GetNames<T>())}";

    /// <summary>An option: what its values are, and how one is set.</summary>
    private sealed record Setting(string Expected, Action<BitsUploadOptions, string> Set)
    {
        /// <summary>There can be several values.</summary>
        public bool IsList { get; init; }

        public bool TrySet(BitsUploadOptions options, string value)
        {
            try
            {
                Set(options, value);
                return true;
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                return false;
            }
        }
    }
}
