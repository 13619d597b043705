namespace BitsClient.Tests.Errors;

public sealed class StalledExceptionTests
{
    [Test]
    public void An_upload_without_progress_can_be_tried_again_later()
    {
        BitsUploadException e = new BitsUploadStalledException("No progress.", new IOException("m"));
        Assert.That((e.IsTransient, e.Reason), Is.EqualTo((true, BitsFailureReason.NoProgress)));
        Assert.That(e.InnerException, Is.TypeOf<IOException>());
    }
}
