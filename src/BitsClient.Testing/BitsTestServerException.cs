namespace BitsClient.Testing;

/// <summary>Thrown when the test server is used incorrectly, or when an expectation of the test is not met.</summary>
public sealed class BitsTestServerException : Exception
{
    /// <summary>Creates an exception with a default message.</summary>
    public BitsTestServerException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What went wrong.</param>
    public BitsTestServerException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public BitsTestServerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
