namespace BitsClient.DependencyInjection.Registration;

/// <summary>The name of a client that is registered.</summary>
internal sealed record RegisteredName(string Name);
