namespace BitsClient.Testing.Exchanges;

/// <summary>How far an exchange has come.</summary>
internal enum ExchangeCourse
{
    /// <summary>No answer was given yet.</summary>
    Outstanding,

    /// <summary>The answer is on its way.</summary>
    Answering,

    /// <summary>The answer went to a live client.</summary>
    Answered,

    /// <summary>The client gave up before that.</summary>
    Aborted,

    /// <summary>The server broke the connection, as a fault wanted it.</summary>
    Dropped,
}
