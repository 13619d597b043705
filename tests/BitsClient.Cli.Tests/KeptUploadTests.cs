using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests;

/// <summary>The commands that a user is offered after a saved upload has ended early.</summary>
public sealed class KeptUploadTests
{
    private static readonly string Resume = $"'bitsclient resume {Uploads.Id} --state uploads'";
    private static readonly string Cancel = $"'bitsclient cancel {Uploads.Id} --state uploads'";

    [Test]
    public async Task A_failed_upload_can_be_resumed_or_canceled()
    {
        using MemoryUpload upload = new(new BitsUploadOptions { OnFailure = BitsSessionAction.KeepSession });
        upload.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(403));

        Assert.That(
            MessageOf(await upload.FailureAsync()),
            Does.EndWith($"the server answered 403. Resume it with {Resume}, or cancel it with {Cancel}."));
    }

    [Test]
    public async Task A_kept_session_can_be_resumed()
    {
        using MemoryUpload upload = new(new BitsUploadOptions { OnCancellation = BitsSessionAction.KeepSession });

        Assert.That(
            MessageOf(await upload.CancelInTheMiddleAsync()),
            Is.EqualTo($"The upload was stopped; its session stays on the server. Resume it with {Resume}."));
    }

    [Test]
    public async Task An_unconfirmed_cancel_can_be_repeated()
    {
        using MemoryUpload upload = new();
        upload.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));

        Assert.That(
            MessageOf(await upload.CancelInTheMiddleAsync()),
            Does.Contain("did not confirm it").And.EndWith($". Try again with {Cancel}."));
    }

    [Test]
    public async Task Without_a_kept_session_the_exception_is_unchanged()
    {
        using MemoryUpload refused = new();
        refused.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(403));
        using MemoryUpload canceled = new();
        Exception[] failures =
            [new ToolException("No."), new IOException("No."), await refused.FailureAsync(), await canceled.CancelInTheMiddleAsync()];

        Assert.That(
            failures.Select(failure => KeptUploadException.Of(failure, new SavedUploads("uploads"), Uploads.Id)), Is.EqualTo(failures));
    }

    private static string MessageOf(Exception failure) =>
        ErrorText.Of(KeptUploadException.Of(failure, new SavedUploads("uploads"), Uploads.Id));
}
