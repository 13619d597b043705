using System.Text.Encodings.Web;
using System.Text.Json;

namespace BitsClient.Cli.Output;

/// <summary>Serializes the tool's JSON output.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Format);
}
