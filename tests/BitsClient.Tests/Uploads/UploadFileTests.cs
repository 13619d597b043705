using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>What is wrong with the arguments of an upload is found in its task, so that a caller that starts several uploads awaits all.</summary>
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
