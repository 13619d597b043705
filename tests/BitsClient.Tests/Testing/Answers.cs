namespace BitsClient.Tests.Testing;

/// <summary>Formats an answer as a short text, such as "416 Ack 0x80070057/0x5 @20".</summary>
internal static class Answers
{
    public static async Task<string> Text(this Task<HttpResponseMessage> sending)
    {
        using HttpResponseMessage answer = await sending;
        string code = answer.Header("BITS-Error-Code") is { } error ? $" {error}/{answer.Header("BITS-Error-Context")}" : "";
        string offset = answer.Header("BITS-Received-Content-Range") is { } range ? $" @{range}" : "";
        string ack = answer.Header("BITS-Packet-Type") is { } type ? $" {type}" : "";
        return $"{(int)answer.StatusCode}{ack}{code}{offset}";
    }

    public static string? Header(this HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;
}
