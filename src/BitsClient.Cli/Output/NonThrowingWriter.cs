using System.Text;

namespace BitsClient.Cli.Output;

/// <summary>
/// A writer that ignores I/O errors: a full disk or a closed terminal must not end an upload or prevent it from being canceled.
/// </summary>
internal sealed class NonThrowingWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // There is nowhere left to report the error.
        }
    }
}
