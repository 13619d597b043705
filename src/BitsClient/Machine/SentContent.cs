namespace BitsClient.Machine;

/// <summary>What was written of the content of one request. A handler may have written it more than once.</summary>
/// <param name="Furthest">How many bytes were written, from the start, counted once.</param>
/// <param name="Bytes">How many bytes were written in all.</param>
/// <param name="Repetitions">How many times it was written again.</param>
/// <param name="UnexplainedRepetitions">How many times it was, or nearly was, without a challenge of the server.</param>
/// <param name="Wait">How long the request waited before it was written.</param>
/// <param name="AuthenticatesConnection">The credentials are those of the connection (NTLM, Negotiate), and are lost with it.</param>
internal readonly record struct SentContent(
    long Furthest = 0, long Bytes = 0, int Repetitions = 0, int UnexplainedRepetitions = 0, TimeSpan Wait = default,
    bool AuthenticatesConnection = false);
