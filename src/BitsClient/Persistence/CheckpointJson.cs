using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using BitsClient.Errors;

namespace BitsClient.Persistence;

/// <summary>A checkpoint as JSON, with a format version, so that a file of an older or newer library is recognized.</summary>
internal static partial class CheckpointJson
{
    // Format 2 renamed two members of format 1.
    private const int Version = 2;

    public static byte[] Write(BitsUploadCheckpoint checkpoint)
    {
        // The user info of a URL is never sent, and may be a password.
        Uri url = checkpoint.Url.UserInfo.Length == 0 ? checkpoint.Url : new UriBuilder(checkpoint.Url) { UserName = "", Password = "" }.Uri;
        SavedState saved = new() { Version = Version, Upload = checkpoint with { Url = url } };
        return JsonSerializer.SerializeToUtf8Bytes(saved, Context.Default.SavedState);
    }

    /// <exception cref="InvalidDataException">It is not a checkpoint, or another version wrote it.</exception>
    public static BitsUploadCheckpoint Read(ReadOnlySpan<byte> json, string place)
    {
        try
        {
            int? version = JsonSerializer.Deserialize(json, Context.Default.SavedVersion)?.Version;
            return version switch
            {
                Version => Checked(JsonSerializer.Deserialize(json, Context.Default.SavedState)?.Upload),
                > Version => throw new InvalidDataException(OtherVersion(place, "a newer", version.Value)),
                1 => throw new InvalidDataException(OtherVersion(place, "an earlier", version.Value)),
                null => throw new JsonException("There is nothing in it."),
                _ => throw new JsonException($"There is no format {version}."),
            };
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place} is not a saved upload, or is damaged: {e.Message.TrimEnd('.')}. It was left as it is.", e);
        }
    }

    private static string OtherVersion(string place, string which, int version) => string.Create(
        CultureInfo.InvariantCulture,
        $"{place} was saved by {which} version of BitsClient (format {version}); this one reads format {Version}. Resume or cancel it with that version.");

    private static BitsUploadCheckpoint Checked(BitsUploadCheckpoint? checkpoint)
    {
        if (checkpoint is null)
        {
            throw new JsonException("There is nothing in it.");
        }

        return CheckpointErrors.Find(checkpoint) is { } error ? throw new JsonException(error) : checkpoint;
    }

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
