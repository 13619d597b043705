namespace BitsClient.Testing.Exchanges;

/// <summary>The request body could not be read to its end; the inner exception is the cause.</summary>
internal sealed class BrokenBodyException(Exception cause) : Exception("The request body is incomplete.", cause);
