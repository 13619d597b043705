using System.Text;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Tests.Output;

/// <summary>If stderr cannot be written, the text is lost but nothing fails.</summary>
public sealed class NonThrowingWriterTests
{
    [Test]
    public void Text_is_written_to_the_inner_writer()
    {
        using StringWriter inner = new();
        using NonThrowingWriter writer = new(inner);

        writer.Write('a');
        writer.Write("bc");
        writer.Write(['d', 'e', 'f'], 1, 2);
        writer.WriteLine("g");
        writer.Flush();

        Assert.That(inner.ToString(), Is.EqualTo($"abcefg{inner.NewLine}"));
        Assert.That(writer.Encoding, Is.EqualTo(inner.Encoding));
    }

    [Test]
    public async Task IO_errors_are_ignored()
    {
        await using BrokenWriter inner = new(new IOException("No space left on device."));
        await using NonThrowingWriter writer = new(inner);

        Assert.That(
            async () =>
            {
                writer.Write('a');
                writer.Write("bc");
                writer.Write(['d'], 0, 1);
                writer.WriteLine("e");
                writer.Flush();
                await writer.WriteAsync("f");
                await writer.WriteLineAsync("g");
                await writer.FlushAsync();
            },
            Throws.Nothing);
    }

    [Test]
    public void Other_exceptions_are_thrown()
    {
        using BrokenWriter inner = new(new InvalidOperationException("A mistake."));
        NonThrowingWriter writer = new(inner);

        Assert.That(() => writer.Write("a"), Throws.InvalidOperationException);
    }

    private sealed class BrokenWriter(Exception failure) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw failure;

        public override void Write(char[] buffer, int index, int count) => throw failure;

        public override void Write(string? value) => throw failure;

        public override void WriteLine(string? value) => throw failure;

        public override void Flush() => throw failure;
    }
}
