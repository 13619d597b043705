namespace BitsClient.Testing;

/// <summary>One HTTP header line.</summary>
/// <param name="Name">The name, exactly as sent.</param>
/// <param name="Value">The value, exactly as sent.</param>
public readonly record struct BitsHeader(string Name, string Value);
