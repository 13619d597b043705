using System.Text.Json;
using System.Text.Json.Serialization;

namespace BitsClient.Persistence;

/// <summary>A state as JSON, with a version, so that what an older or newer library wrote is recognized.</summary>
internal static partial class CheckpointJson
{
    private const int Version = 2;

    public static byte[] Write(BitsUploadCheckpoint state)
    {
        // The user info of a URL is never sent, and may be a password.
        Uri url = state.Url.UserInfo.Length == 0 ? state.Url : new UriBuilder(state.Url) { UserName = "", Password = "" }.Uri;
        return JsonSerializer.SerializeToUtf8Bytes(new SavedState { Version = Version, Upload = state with { Url = url } }, Context.Default.SavedState);
    }

    /// <exception cref="InvalidDataException">It is no state, or a newer version wrote it.</exception>
    public static BitsUploadCheckpoint Read(ReadOnlySpan<byte> json, string place)
    {
        try
        {
            int? version = JsonSerializer.Deserialize(json, Context.Default.SavedVersion)?.Version;
            return version switch
            {
                Version => Checked(JsonSerializer.Deserialize(json, Context.Default.SavedState)?.Upload),
                > Version => throw new InvalidDataException(
                    $"{place} was saved by a newer version of BitsClient (format {version}); this one reads format {Version}. Resume or cancel it with the newer one."),
                1 => throw new InvalidDataException(
                    $"{place} was saved by an earlier version of BitsClient (format 1); this one reads format {Version}. Resume or cancel it with that version."),
                null => throw new JsonException("There is nothing in it."),
                _ => throw new JsonException($"There is no format {version}."),
            };
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place} holds no saved upload, or is damaged: {e.Message.TrimEnd('.')}. It was left as it is.", e);
        }
    }

    private static BitsUploadCheckpoint Checked(BitsUploadCheckpoint? state) =>
        state is null ? throw new JsonException("There is nothing in it.")
        : state.FindFault() is { } fault ? throw new JsonException(fault)
        : state;

    /// <summary>What every version of the format begins with.</summary>
    internal sealed record SavedVersion
    {
        public required int Version { get; init; }
    }

    internal sealed record SavedState
    {
        public required int Version { get; init; }

        public required BitsUploadCheckpoint Upload { get; init; }
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
    [JsonSerializable(typeof(SavedVersion))]
    [JsonSerializable(typeof(SavedState))]
    internal sealed partial class Context : JsonSerializerContext;
}
