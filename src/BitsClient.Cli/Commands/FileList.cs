namespace BitsClient.Cli.Commands;

/// <summary>Reads a list of files, one per line (--files-from). Empty lines are skipped.</summary>
internal static class FileList
{
    public static async Task<IReadOnlyList<string>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string text = path == UploadPlan.Stdin
            ? await Console.In.ReadToEndAsync(cancellationToken)
            : await File.ReadAllTextAsync(path, cancellationToken);
        return text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
    }
}
