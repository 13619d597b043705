namespace BitsClient.Testing.Exchanges;

/// <summary>An action to run after a number of body bytes, before the next byte is transferred.</summary>
internal readonly record struct BodyStop(long AfterBytes, Func<CancellationToken, Task> RunAsync);
