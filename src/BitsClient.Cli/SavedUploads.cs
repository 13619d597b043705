namespace BitsClient.Cli;

/// <summary>The uploads whose checkpoints are saved in a folder (--state).</summary>
internal sealed class SavedUploads(string folder)
{
    public BitsFileCheckpointStore Store { get; } = new(folder);

    /// <summary>The folder, as the user specified it.</summary>
    public string Folder => folder;

    /// <summary>The message for a folder without checkpoints.</summary>
    public string NothingSaved => $"There are no saved uploads in {Store.Folder}.";

    /// <summary>Returns the id of an upload, or the name of its file if the checkpoint cannot be read.</summary>
    public static string IdOf(BitsStoredCheckpoint entry) =>
        entry.Checkpoint?.Id.ToString() ?? Path.GetFileNameWithoutExtension(entry.Location);

    /// <summary>Finds an upload by its id.</summary>
    /// <param name="id">An id or a unique prefix of an id.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="ToolException">No upload matches, several do, or the checkpoint cannot be read.</exception>
    public async Task<BitsUploadCheckpoint> FindAsync(string id, CancellationToken cancellationToken)
    {
        IReadOnlyList<BitsStoredCheckpoint> entries = await Store.ListAsync(cancellationToken);
        List<BitsStoredCheckpoint> matches =
            [.. entries.Where(entry => id.Length > 0 && IdOf(entry).StartsWith(id, StringComparison.OrdinalIgnoreCase))];

        // The name of a copy can begin with the whole id.
        BitsStoredCheckpoint? exact = matches.Find(entry => IdOf(entry).Equals(id, StringComparison.OrdinalIgnoreCase));
        return (exact is null ? matches : [exact]) switch
        {
            [] => throw new ToolException($"There is no upload '{id}' in '{folder}'."),
            [{ Checkpoint: { } checkpoint }] => checkpoint,
            [{ Error: var error }] => throw new ToolException(error!.Message),
            { Count: var count } => throw new ToolException(
                $"'{id}' is ambiguous: it matches {count} uploads in '{folder}'; specify more of the id."),
        };
    }

    /// <summary>The command that resumes an upload.</summary>
    public string ResumeCommand(Guid id) => Command("resume", id);

    /// <summary>The command that cancels an upload.</summary>
    public string CancelCommand(Guid id) => Command("cancel", id);

    private string Command(string name, Guid id)
    {
        string argument = folder.Any(char.IsWhiteSpace) ? $"\"{folder}\"" : folder;
        return $"'bitsclient {name} {id} --state {argument}'";
    }
}
