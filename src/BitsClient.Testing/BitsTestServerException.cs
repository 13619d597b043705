namespace BitsClient.Testing;

/// <summary>The test server was used wrongly, or its client broke a rule of the dialogue.</summary>
public sealed class BitsTestServerException : Exception
{
    /// <summary>Makes an exception with no message of its own.</summary>
    public BitsTestServerException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What went wrong.</param>
    public BitsTestServerException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a cause.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public BitsTestServerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
