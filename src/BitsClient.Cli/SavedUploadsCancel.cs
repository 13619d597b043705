using System.Globalization;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>Cancels saved uploads one after another, and reports each: canceled ones on stdout, remaining ones on stderr.</summary>
/// <param name="terminal">Where to write.</param>
/// <param name="saved">The uploads.</param>
/// <param name="connect">Connects to the server of an upload's URL, the only one that the password is for.</param>
/// <param name="create">Creates the client that cancels the upload's sessions and deletes its checkpoint.</param>
/// <param name="forgets">Whether to delete only the checkpoints, without sending anything (--forget).</param>
internal sealed class SavedUploadsCancel(
    Terminal terminal, SavedUploads saved, Func<Uri, HttpClient> connect, Func<HttpClient, Uri, BitsUploadClient> create,
    bool forgets = false)
{
    /// <summary>
    /// Cancels all uploads that were last updated at least <paramref name="age"/> ago. Reports and keeps checkpoints that cannot be read.
    /// </summary>
    /// <returns>False if an upload could not be canceled or a checkpoint could not be read.</returns>
    public async Task<bool> CancelAllAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        bool isDone = true;
        IReadOnlyList<BitsStoredCheckpoint> entries = await saved.Store.ListAsync(cancellationToken);
        if (entries.Count == 0)
        {
            terminal.WriteNotice(saved.NothingSaved);
        }

        foreach (BitsStoredCheckpoint entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Checkpoint is not { } checkpoint)
            {
                terminal.WriteError(entry.Error!.Message);
                isDone = false;
            }
            else if (DateTimeOffset.UtcNow - checkpoint.UpdatedAt >= age)
            {
                isDone &= await TryCancelAsync(checkpoint);
            }
        }

        return isDone;
    }

    /// <summary>Cancels one upload.</summary>
    /// <returns>False if the server did not confirm the cancel, so that the checkpoint is kept.</returns>
    public async Task<bool> CancelAsync(BitsUploadCheckpoint checkpoint)
    {
        using HttpClient http = connect(checkpoint.Url);
        BitsUploadClient client = create(http, checkpoint.Url);
        string upload = $"{checkpoint.Id} ({ShownUrl.Of(checkpoint.Url)})";
        if (forgets)
        {
            IReadOnlyList<BitsOtherSession> left = await client.ForgetAsync(checkpoint);
            await terminal.Out.WriteLineAsync(OneLine.Of($"{upload}: forgotten; {LeftText(left, checkpoint)}"));
            return true;
        }

        BitsCancelOutcome outcome = await client.CancelSessionAsync(checkpoint);
        if (outcome is BitsCancelOutcome.Unconfirmed && await saved.Store.LoadAsync(checkpoint.Id) is not null)
        {
            terminal.WriteError($"{upload}: the server did not confirm the cancel; the checkpoint is kept.");
            return false;
        }

        await terminal.Out.WriteLineAsync(OneLine.Of($"{upload}: {MessageText(outcome, checkpoint)}"));
        return true;
    }

    // An upload that cannot be canceled must not prevent the cancel of the others.
    private async Task<bool> TryCancelAsync(BitsUploadCheckpoint checkpoint)
    {
        try
        {
            return await CancelAsync(checkpoint);
        }
        catch (Exception e)
        {
            terminal.WriteError(ErrorText.Of(e));
            return false;
        }
    }

    private static string LeftText(IReadOnlyList<BitsOtherSession> left, BitsUploadCheckpoint checkpoint)
    {
        string[] urls = [.. left.Select(session => ShownUrl.Of(session.Url)).Distinct(StringComparer.Ordinal)];
        string where = urls is [var url] && url == ShownUrl.Of(checkpoint.Url) ? "on the server" : $"at {string.Join(", ", urls)}";
        string sessions = left.Count == 1
            ? $"its session may stay {where} until it expires"
            : string.Create(CultureInfo.InvariantCulture, $"{left.Count} sessions may stay {where} until they expire");
        bool mayBeComplete = checkpoint.MayBeComplete || checkpoint.EarlierSessionMayBeComplete;
        return mayBeComplete ? $"{sessions}, and the complete file may be there" : sessions;
    }

    private static string MessageText(BitsCancelOutcome outcome, BitsUploadCheckpoint checkpoint) => outcome switch
    {
        BitsCancelOutcome.ReplyCanceled => "the server had received the whole file; its reply is canceled",
        BitsCancelOutcome.AlreadyCompleted => "already complete, the file is on the server",
        BitsCancelOutcome.Unconfirmed when checkpoint.MayBeComplete =>
            "the session no longer exists, but its last bytes had been sent: the file may be complete on the server",
        BitsCancelOutcome.Unconfirmed =>
            "the session no longer exists, but an earlier session or the complete file may remain on the server",
        _ => "canceled",
    };
}
