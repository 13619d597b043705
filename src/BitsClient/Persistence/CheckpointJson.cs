using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using BitsClient.Errors;

namespace BitsClient.Persistence;

/// <summary>
/// Reads and writes a checkpoint as JSON with a format version, so that a checkpoint of an older or newer version of the library is
/// recognized.
/// </summary>
internal static partial class CheckpointJson
{
    // Format 2 renamed two members of format 1. Format 3 has the other sessions of the upload, and may be without a current one.
    private const int Version = 3;

    public static byte[] Write(BitsUploadCheckpoint checkpoint)
    {
        BitsUploadCheckpoint upload = checkpoint with
        {
            Url = WithoutUserInfo(checkpoint.Url),
            OtherSessions = [.. checkpoint.OtherSessions.Select(other => other with { Url = WithoutUserInfo(other.Url) })],
        };
        return JsonSerializer.SerializeToUtf8Bytes(new SavedUpload { Version = Version, Upload = upload }, Context.Default.SavedUpload);
    }

    /// <exception cref="InvalidDataException">It is not a checkpoint, or another version wrote it.</exception>
    public static BitsUploadCheckpoint Read(ReadOnlySpan<byte> json, string place)
    {
        try
        {
            int? version = JsonSerializer.Deserialize(json, Context.Default.SavedVersion)?.Version;
            return version switch
            {
                Version => Checked(JsonSerializer.Deserialize(json, Context.Default.SavedUpload)?.Upload),
                > Version => throw new InvalidDataException(OtherVersion(place, "a newer", version.Value)),
                1 or 2 => throw new InvalidDataException(OtherVersion(place, "an earlier", version.Value)),
                null => throw new JsonException("It is empty."),
                _ => throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"The format {version} does not exist.")),
            };
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{place} is not a checkpoint, or is damaged: {e.Message.TrimEnd('.')}. It was left unchanged.", e);
        }
    }

    // The user info of a URL is never sent, and may be a password.
    private static Uri WithoutUserInfo(Uri url) =>
        url.UserInfo.Length == 0 ? url : new UriBuilder(url) { UserName = "", Password = "" }.Uri;

    private static string OtherVersion(string place, string which, int version) => string.Create(
        CultureInfo.InvariantCulture,
        $"{place} was saved by {which} version of BitsClient (format {version}); "
        + $"this version reads format {Version}. Resume or cancel the upload with that version.");

    private static BitsUploadCheckpoint Checked(BitsUploadCheckpoint? checkpoint)
    {
        if (checkpoint is null)
        {
            throw new JsonException("It is empty.");
        }

        return CheckpointErrors.Find(checkpoint) is { } error ? throw new JsonException(error) : checkpoint;
    }

    /// <summary>What all versions of the format have in common.</summary>
    internal sealed record SavedVersion
    {
        public required int Version { get; init; }
    }

    internal sealed record SavedUpload
    {
        public required int Version { get; init; }

        public required BitsUploadCheckpoint Upload { get; init; }
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true)]
    [JsonSerializable(typeof(SavedVersion))]
    [JsonSerializable(typeof(SavedUpload))]
    internal sealed partial class Context : JsonSerializerContext;
}
