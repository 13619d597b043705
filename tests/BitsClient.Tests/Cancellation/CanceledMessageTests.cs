using BitsClient.Tests.Persistence;

namespace BitsClient.Tests.Cancellation;

/// <summary>The message of a canceled upload says what is left on the server.</summary>
public sealed class CanceledMessageTests
{
    [TestCase(BitsCancelOutcome.NotStarted, false, "canceled", "before it had a session")]
    [TestCase(BitsCancelOutcome.SessionCanceled, false, "upload was canceled", "server", "session")]
    [TestCase(BitsCancelOutcome.ReplyCanceled, false, "complete", "reply was canceled")]
    [TestCase(BitsCancelOutcome.SessionKept, true, "stopped", "session", "on the server")]
    [TestCase(BitsCancelOutcome.Unconfirmed, true, "did not confirm", "session may still")]
    [TestCase(BitsCancelOutcome.Unconfirmed, false, "whole file", "empty session without a known id.")]
    public void It_depends_on_the_outcome_and_on_whether_a_session_is_known(BitsCancelOutcome outcome, bool isOpen, params string[] words)
    {
        BitsUploadCheckpoint? checkpoint = isOpen ? States.Least : null;
        BitsUploadCanceledException e = new(outcome, checkpoint);
        foreach (string word in words)
        {
            Assert.That(e.Message, Does.Contain(word));
        }

        Assert.That((e.Outcome, e.Checkpoint), Is.EqualTo((outcome, checkpoint)));
    }
}
