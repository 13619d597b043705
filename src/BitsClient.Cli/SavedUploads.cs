namespace BitsClient.Cli;

/// <summary>The uploads whose states are saved in a folder (--state), found by what is typed of their ids.</summary>
internal sealed class SavedUploads(string folder)
{
    public BitsFileCheckpointStore Store { get; } = new(folder);

    /// <summary>The folder, as it was given.</summary>
    public string Folder => folder;

    /// <summary>What is told where there are none.</summary>
    public string NothingSaved => $"There are no saved uploads in {Store.Folder}.";

    /// <summary>The id of an entry; the name of its file where it cannot be read.</summary>
    public static string IdOf(BitsStoredCheckpoint entry) => entry.Checkpoint?.Id.ToString() ?? Path.GetFileNameWithoutExtension(entry.Location);

    /// <param name="id">An id, or its beginning if no other begins so.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ToolException">There is no such upload, there are several, or its state cannot be read.</exception>
    public async Task<BitsUploadCheckpoint> FindAsync(string id, CancellationToken cancellationToken)
    {
        IReadOnlyList<BitsStoredCheckpoint> entries = await Store.ListAsync(cancellationToken);
        return entries.Where(entry => id.Length > 0 && IdOf(entry).StartsWith(id, StringComparison.OrdinalIgnoreCase)).ToList() switch
        {
            [] => throw new ToolException($"There is no upload '{id}' in '{folder}'."),
            [{ Checkpoint: { } state }] => state,
            [{ Error: var fault }] => throw new ToolException(fault!.Message),
            { Count: var count } => throw new ToolException($"'{id}' may be any of {count} uploads in '{folder}'; give more of the id."),
        };
    }

    /// <summary>The command that resumes an upload.</summary>
    public string ResumeCommand(Guid id) => Command("resume", id);

    /// <summary>The command that cancels an upload.</summary>
    public string CancelCommand(Guid id) => Command("cancel", id);

    private string Command(string name, Guid id) => $"'bitsclient {name} {id} --state {(folder.Any(char.IsWhiteSpace) ? $"\"{folder}\"" : folder)}'";
}
