namespace BitsClient.Testing.Exchanges;

/// <summary>Something that happens when so many bytes of a body were read, before any more are.</summary>
internal readonly record struct BodyStop(long AfterBytes, Func<CancellationToken, Task> RunAsync);
