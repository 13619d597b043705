namespace BitsClient.Testing;

/// <summary>One HTTP header line.</summary>
/// <param name="Name">The name as it was written.</param>
/// <param name="Value">The value as it was written.</param>
public readonly record struct BitsHeader(string Name, string Value);
