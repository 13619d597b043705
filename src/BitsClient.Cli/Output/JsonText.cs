using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BitsClient.Cli.Output;

/// <summary>Serializes the tool's JSON output, without reflection, which a natively compiled tool does not have.</summary>
[JsonSerializable(typeof(UploadReport))]
[JsonSerializable(typeof(IEnumerable<SavedUploadReport>))]
[JsonSerializable(typeof(IEnumerable<QueuedUploadReport>))]
internal sealed partial class JsonText : JsonSerializerContext
{
    private static readonly JsonText Web = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Of(UploadReport report) => JsonSerializer.Serialize(report, Web.UploadReport);

    public static string Of(IEnumerable<SavedUploadReport> uploads) => JsonSerializer.Serialize(uploads, Web.IEnumerableSavedUploadReport);

    public static string Of(IEnumerable<QueuedUploadReport> uploads) =>
        JsonSerializer.Serialize(uploads, Web.IEnumerableQueuedUploadReport);
}
