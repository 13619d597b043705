using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>Opens the file to upload and the target of a reply. Error messages show the paths as the user specified them.</summary>
internal static class LocalFiles
{
    /// <summary>The length of a file in bytes; 0 if there is no such file.</summary>
    public static long LengthOf(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    /// <summary>Opens a file, or copies what is read from stdin to a temporary file.</summary>
    public static async Task<BitsUploadSource> SourceAsync(string file, CancellationToken cancellationToken)
    {
        if (file != UploadPlan.Stdin)
        {
            return Source(file);
        }

        try
        {
            Stream stdin = Console.OpenStandardInput();
            return await Stdin.WhileNotCanceledAsync(
                () => BitsUploadSource.SpoolAsync(stdin, cancellationToken: cancellationToken), cancellationToken);
        }
        catch (ArgumentException)
        {
            throw new ToolException("stdin is empty; an upload has at least one byte.");
        }
    }

    public static BitsUploadSource Source(string file)
    {
        if (Directory.Exists(file))
        {
            throw new ToolException($"'{file}' is a folder; specify a file, or use --recurse to upload the files in it.");
        }

        try
        {
            return BitsUploadSource.FromFile(file);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ToolException($"'{file}' cannot be uploaded. {ErrorText.Of(e)}");
        }
    }

    public static BitsReplyTarget Reply(string path, string file)
    {
        try
        {
            bool isFile = Path.GetFullPath(path) == Path.GetFullPath(file);
            return isFile ? throw new ToolException("The reply would overwrite the file that is uploaded.") : BitsReplyTarget.ToFile(path);
        }
        catch (ArgumentException e)
        {
            throw new ToolException($"The reply cannot be saved to '{path}'. {ErrorText.Of(e)}");
        }
    }
}
