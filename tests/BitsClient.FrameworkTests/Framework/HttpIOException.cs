namespace BitsClient;

/// <summary>What .NET 8 throws for an answer that is incomplete: here, it is an IOException as any other.</summary>
internal class HttpIOException(HttpRequestError error, string message) : IOException($"{message} ({error})");
