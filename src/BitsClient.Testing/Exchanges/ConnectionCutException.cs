namespace BitsClient.Testing.Exchanges;

/// <summary>
/// A fault closed the connection in the middle of a body. An in-memory client gets the same exception type that a socket handler throws
/// if an answer is incomplete.
/// </summary>
internal sealed class ConnectionCutException() : HttpIOException(HttpRequestError.ResponseEnded, "The server closed the connection.");
