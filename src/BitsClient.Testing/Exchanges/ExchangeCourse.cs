namespace BitsClient.Testing.Exchanges;

/// <summary>The state of an exchange.</summary>
internal enum ExchangeCourse
{
    /// <summary>The request is not answered yet.</summary>
    Outstanding,

    /// <summary>The answer is being sent.</summary>
    Answering,

    /// <summary>The answer was sent while the client was still connected.</summary>
    Answered,

    /// <summary>The client aborted the request before it was answered.</summary>
    Aborted,

    /// <summary>A fault closed the connection.</summary>
    Dropped,
}
