using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>Opens the file to upload and the target of a reply. Error messages show the paths as the user specified them.</summary>
internal static class LocalFiles
{
    public static BitsUploadSource Source(string file)
    {
        if (Directory.Exists(file))
        {
            throw new ToolException($"'{file}' is a folder; specify a file.");
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
