namespace BitsClient.Queue.Worker;

/// <summary>This machine lacks what another one may have.</summary>
internal sealed class NotOnThisMachineException(string message, Exception? innerException = null) : Exception(message, innerException);
