using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>Cancels saved uploads, one after the other, and tells what became of each: what is settled on stdout, what is left on stderr.</summary>
internal sealed class SavedUploadsCancel(Terminal terminal, SavedUploads saved, BitsUploadClient client)
{
    /// <summary>Cancels those for which nothing happened for so long; true if nothing of them is left. What cannot be read is told, and left alone.</summary>
    public async Task<bool> CancelAllAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        bool isDone = true;
        IReadOnlyList<BitsStoredCheckpoint> entries = await saved.Store.ListAsync(cancellationToken);
        if (entries.Count == 0)
        {
            terminal.WriteError(saved.NothingSaved);
        }

        foreach (BitsStoredCheckpoint entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Checkpoint is not { } state)
            {
                terminal.WriteError(entry.Error!.Message);
                isDone = false;
            }
            else if (DateTimeOffset.UtcNow - state.UpdatedAt >= age)
            {
                isDone &= await TryCancelAsync(state);
            }
        }

        return isDone;
    }

    /// <summary>Cancels one; true if nothing of it is left.</summary>
    public async Task<bool> CancelAsync(BitsUploadCheckpoint state)
    {
        BitsCancelOutcome outcome = await client.CancelSessionAsync(state);
        string upload = $"{state.Id} ({ShownUrl.Of(state.Url)})";
        if (outcome is BitsCancelOutcome.Unconfirmed && await saved.Store.LoadAsync(state.Id) is not null)
        {
            terminal.WriteError($"{upload}: the server did not confirm the cancel, and the state is kept.");
            return false;
        }

        await terminal.Out.WriteLineAsync(OneLine.Of($"{upload}: {MessageText(outcome, state)}"));
        return true;
    }

    // One that cannot be canceled does not keep the others from it.
    private async Task<bool> TryCancelAsync(BitsUploadCheckpoint state)
    {
        try
        {
            return await CancelAsync(state);
        }
        catch (Exception e)
        {
            terminal.WriteError(ErrorText.Of(e));
            return false;
        }
    }

    private static string MessageText(BitsCancelOutcome outcome, BitsUploadCheckpoint state) => outcome switch
    {
        BitsCancelOutcome.ReplyCanceled => "its file had arrived, its reply is canceled",
        BitsCancelOutcome.AlreadyCompleted => "complete already, the file is on the server",
        BitsCancelOutcome.Unconfirmed when state.MayBeComplete => "the session is gone, but its last bytes had been sent: the file may be complete on the server",
        BitsCancelOutcome.Unconfirmed => "the session is gone, but an earlier one of this upload may be left on the server, or its whole file",
        _ => "canceled",
    };
}
