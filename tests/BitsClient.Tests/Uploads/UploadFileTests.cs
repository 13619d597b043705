using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>
/// A file that cannot be opened fails the task of its upload, so that a caller that starts several uploads awaits all of them.
/// </summary>
public sealed class UploadFileTests
{
    [Test]
    public void A_file_that_cannot_be_opened_fails_the_task_and_not_the_call()
    {
        using UploadRig rig = new();
        Task<BitsUploadResult> upload = rig.Client.UploadFileAsync("/no/such/file", UploadRig.Url);
        Assert.That(() => upload, Throws.InstanceOf<IOException>());
    }
}
