namespace BitsClient.Testing.Exchanges;

/// <summary>A body broke off, for the reason inside.</summary>
internal sealed class BrokenBodyException(Exception reason) : Exception("The body broke off.", reason);
