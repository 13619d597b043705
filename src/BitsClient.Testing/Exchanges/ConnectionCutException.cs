namespace BitsClient.Testing.Exchanges;

/// <summary>A fault cut the connection within a body. To a client in memory it is what the socket handler throws when an answer breaks off.</summary>
internal sealed class ConnectionCutException() : HttpIOException(HttpRequestError.ResponseEnded, "The server broke the connection.");
