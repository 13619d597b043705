namespace BitsClient.Cli.Commands;

/// <summary>Reads stdin until a signal stops the tool.</summary>
internal static class Stdin
{
    /// <summary>Reads on another thread, because a read of stdin ends only when there is input.</summary>
    public static Task<T> WhileNotCanceledAsync<T>(Func<Task<T>> readAsync, CancellationToken cancellationToken) =>
        Task.Run(readAsync, cancellationToken).WaitAsync(cancellationToken);
}
