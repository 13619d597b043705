using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The command 'queue', whose commands do the work.</summary>
internal sealed class QueueCommand : Command
{
    // 'man' and 'suggest' describe them.
    private static readonly string[] Users = ["queue", "man", "suggest"];

    /// <param name="terminal">Where to write.</param>
    /// <param name="signals">The signals that stop 'queue run'.</param>
    /// <param name="args">
    /// The command line: if it is one of another command, which starts sooner without them, this one has no commands.
    /// </param>
    public QueueCommand(Terminal terminal, StopSignals signals, string[] args)
        : base(
            "queue",
            "Uploads in the background: 'add' puts files into a queue in a database and returns, and 'run' uploads them. A queue in a file "
            + "(SQLite) is for one machine. Several machines share one in PostgreSQL.")
    {
        if (!Users.Contains(Array.Find(args, word => !word.StartsWith('-'))))
        {
            return;
        }

        Add(new QueueAddCommand(terminal));
        Add(new QueueListCommand(terminal));
        Add(new QueueWatchCommand(terminal));
        Add(new QueueSuspendCommand(terminal));
        Add(new QueueResumeCommand(terminal));
        Add(new QueueCancelCommand(terminal));
        Add(new QueueForgetCommand(terminal));
        Add(new QueueRunCommand(terminal, signals));
    }
}
