using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>Opens what is uploaded, and the place of a reply; what is wrong with them is told as they were given.</summary>
internal static class LocalFiles
{
    public static BitsUploadSource Source(string file)
    {
        if (Directory.Exists(file))
        {
            throw new ToolException($"'{file}' is a folder; give a file.");
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
            return isFile ? throw new ToolException("The reply would replace the file that is uploaded.") : BitsReplyTarget.ToFile(path);
        }
        catch (ArgumentException e)
        {
            throw new ToolException($"'{path}' cannot take the reply. {ErrorText.Of(e)}");
        }
    }
}
