using System.Globalization;
using System.IO.Pipes;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

/// <summary>What cannot be a source is refused with a message that names it.</summary>
public sealed class SourceMessageTests
{
    [Test]
    public void An_empty_file_is_named()
    {
        using TemporaryFile file = new([]);
        Assert.That(
            () => BitsUploadSource.FromFile(file.Path),
            Refused("path").With.Message.Contains(file.Path).And.Message.Contains("empty"));
    }

    [Test]
    public void A_stream_at_its_end_is_called_one()
    {
        using MemoryStream stream = new();
        Assert.That(() => BitsUploadSource.FromStream(stream), Refused("stream").With.Message.Match("stream.* empty"));
    }

    [Test]
    public void Memory_without_bytes_is_called_so() =>
        Assert.That(() => BitsUploadSource.FromMemory(default), Refused("bytes").With.Message.Match("bytes.* empty"));

    [Test]
    public void A_pipe_is_refused_although_it_has_a_path()
    {
        Assume.That(OperatingSystem.IsLinux(), "where each pipe has a path");
        using AnonymousPipeServerStream pipe = new(PipeDirection.In);
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}");
        IOException e = Assert.Throws<IOException>(() => BitsUploadSource.FromFile(path))!;
        Assert.That(e.Message, Does.Contain(path).And.Contain("pipe"));
        Assert.That(e.InnerException, Is.TypeOf<NotSupportedException>());
    }

    private static NUnit.Framework.Constraints.EqualStringConstraint Refused(string parameter) =>
        Throws.TypeOf<ArgumentException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo(parameter);
}
