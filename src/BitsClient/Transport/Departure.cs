using System.Net.Http.Headers;

namespace BitsClient.Transport;

/// <summary>
/// Whether a request left, and how many times the handler wrote it. It has no lock of its own: <see cref="RequestInFlight"/> changes it
/// under its lock, and others read it once the request has ended. Whether it left never changes back.
/// </summary>
internal sealed class Departure(TimeProvider time)
{
    private static readonly string[] ChallengedSchemes = ["Digest", "NTLM", "Negotiate"];

    private HttpRequestMessage? _message;
    private (AuthenticationHeaderValue?, AuthenticationHeaderValue?) _credentials;
    private int _writes;
    private long _handedOverAt;
    private long _writingAt;
    private long? _writtenAt;

    /// <summary>A body that is written twice may be stored twice, so only a challenge may make the handler write it again.</summary>
    public bool ForbidsRepetition { get; set; }

    /// <summary>The request was handed to the handler, which may wait for a free connection before it sends it.</summary>
    public bool WasHandedOver => _message is not null;

    /// <summary>
    /// When the request was first written to a connection, as a time stamp; null while nothing but its headers can have arrived.
    /// </summary>
    public long? LeftAt { get; private set; }

    /// <summary>How long the handler waited before it wrote the request: for a connection, or because the server was asked first.</summary>
    public TimeSpan Wait => LeftAt is { } leftAt ? time.GetElapsedTime(_handedOverAt, leftAt) : TimeSpan.Zero;

    /// <summary>The credentials are those of the connection.</summary>
    public bool AuthenticatesConnection => (_credentials.Item1 ?? _credentials.Item2)?.Scheme is "NTLM" or "Negotiate";

    /// <summary>How long the connection took for the body; null if it did not take all of it.</summary>
    public TimeSpan? WritingTime => _writtenAt is { } end ? time.GetElapsedTime(_writingAt, end) : null;

    /// <summary>How many times the handler wrote the request again.</summary>
    public int Repetitions => Math.Max(0, _writes - 1);

    /// <summary>
    /// How many times the handler wrote the request again, or tried to, without a challenge: the server may have handled the packet twice.
    /// </summary>
    public int UnexplainedRepetitions { get; private set; }

    /// <summary>The handler was kept from writing a body again.</summary>
    public bool RefusedRepetition { get; private set; }

    public void HandOver(HttpRequestMessage message) => (_message, _handedOverAt) = (message, time.GetTimestamp());

    public void Leave() => LeftAt ??= time.GetTimestamp();

    /// <summary>The handler is about to write the request.</summary>
    /// <exception cref="InvalidOperationException">It must not be written again.</exception>
    public void Write()
    {
        // A handler that answers a challenge sends the request again with other credentials. The server did not handle the one before.
        (AuthenticationHeaderValue?, AuthenticationHeaderValue?) credentials =
            (_message?.Headers.Authorization, _message?.Headers.ProxyAuthorization);
        bool isExplained = credentials != _credentials && (_credentials == default || IsRenewed(credentials));
        if (_writes > 0 && !isExplained)
        {
            UnexplainedRepetitions++;
            if (ForbidsRepetition)
            {
                RefusedRepetition = true;
                throw new InvalidOperationException("The content of this request must not be sent twice.");
            }
        }

        _writes++;
        (_writingAt, _writtenAt) = (time.GetTimestamp(), null);
        _credentials = credentials;
        Leave();
    }

    /// <summary>The connection has taken a part of the body, and this many bytes are left.</summary>
    public void Wrote(long left) => _writtenAt = left == 0 ? time.GetTimestamp() : null;

    // Other schemes may sign each request anew, which answers nothing.
    private static bool IsRenewed((AuthenticationHeaderValue? Server, AuthenticationHeaderValue? Proxy) credentials) =>
        ChallengedSchemes.Contains((credentials.Server ?? credentials.Proxy)?.Scheme, StringComparer.OrdinalIgnoreCase);
}
