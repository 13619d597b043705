using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>Reads a list of files, one per line (--files-from). Empty lines are skipped.</summary>
internal static class FileList
{
    public static async Task<IReadOnlyList<string>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string text = path == UploadPlan.Stdin
            ? await Stdin.WhileNotCanceledAsync(() => Console.In.ReadToEndAsync(cancellationToken), cancellationToken)
            : await ReadFileAsync(path, cancellationToken);
        return text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ToolException($"--files-from cannot be read. {ErrorText.Of(e)}", ExitCode.Usage);
        }
    }
}
