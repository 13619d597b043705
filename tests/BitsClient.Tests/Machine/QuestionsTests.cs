using BitsClient.Machine;

namespace BitsClient.Tests.Machine;

/// <summary>Whether a host is asked if a fragment is too large for it.</summary>
public sealed class QuestionsTests
{
    [Test]
    public void Two_useless_questions_are_enough_until_256_fragments_were_acknowledged_and_then_twice_as_many()
    {
        Questions questions = default(Questions).WithUseless();
        Assert.That(questions.MayAsk);
        questions = questions.WithUseless();
        Assert.That(questions.MayAsk, Is.False);
        questions = After(questions, 255);
        Assert.That(questions.MayAsk, Is.False);
        questions = questions.WithAck();
        Assert.That(questions.MayAsk);
        questions = questions.WithUseless();
        Assert.That(After(questions, 511).MayAsk, Is.False, "one more was of no use");
        Assert.That(After(questions, 512).MayAsk);
    }

    [Test]
    public void A_host_that_does_not_know_the_question_is_asked_again_as_late() =>
        Assert.That((default(Questions).Off.MayAsk, After(default(Questions).Off, 256).MayAsk), Is.EqualTo((false, true)));

    [Test]
    public void An_authenticated_connection_is_never_asked() =>
        Assert.That(After(new Questions { AreForbidden = true }, 10_000).MayAsk, Is.False);

    [Test]
    public void What_one_upload_has_learned_is_not_undone_by_another_that_began_before()
    {
        Questions off = default(Questions).Off;
        Questions again = After(off, 256);
        Assert.That(Questions.Latest(off, default), Is.EqualTo(off));
        Assert.That(Questions.Latest(off, again), Is.EqualTo(again));
        Assert.That(Questions.Latest(again.WithUseless(), again).MayAsk, Is.False);
        Assert.That(Questions.Latest(off, off.WithAck()), Is.EqualTo(off.WithAck()));
    }

    private static Questions After(Questions questions, int acks)
    {
        for (int ack = 0; ack < acks; ack++)
        {
            questions = questions.WithAck();
        }

        return questions;
    }
}
