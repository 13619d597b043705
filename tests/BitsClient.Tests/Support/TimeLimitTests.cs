using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;

namespace BitsClient.Tests.Support;

/// <summary>A test that does not end fails alone, and the limit nearest to the test applies.</summary>
public sealed class TimeLimitTests
{
    private static readonly TestMethod Limited = new(new MethodWrapper(typeof(TimeLimitTests), nameof(TakesOneSecondAtMost)));

    [Test]
    public void Every_test_runs_on_a_thread_that_can_be_abandoned() =>
        Assert.That(Thread.CurrentThread.Name, Is.EqualTo(TestContext.CurrentContext.Test.Name));

    [Test]
    public void A_test_that_does_not_end_fails()
    {
        using ManualResetEventSlim end = new();
        TestResult result = Run(new TimeLimitAttribute(1), _ => end.Wait());
        end.Set();
        Assert.That(result.ResultState, Is.EqualTo(ResultState.Failure));
        Assert.That(result.Message, Is.EqualTo("The test did not end within 1 s."));
    }

    [Test]
    public void A_test_that_ends_keeps_its_result() =>
        Assert.That(Run(new TimeLimitAttribute(1), _ => { }).ResultState, Is.EqualTo(ResultState.Success));

    [Test]
    public void A_limit_that_is_not_the_nearest_is_ignored()
    {
        Thread? ran = null;
        Run(new TimeLimitAttribute(2), _ => ran = Thread.CurrentThread);
        Assert.That(ran, Is.SameAs(Thread.CurrentThread));
    }

    [TimeLimit(1)]
    private static void TakesOneSecondAtMost()
    {
        // Only its attribute matters.
    }

    private static TestResult Run(TimeLimitAttribute limit, Action<TestExecutionContext> test)
    {
        TestExecutionContext context = new() { CurrentTest = Limited, CurrentResult = Limited.MakeTestResult() };
        return limit.Wrap(new Command(test)).Execute(context);
    }

    private sealed class Command(Action<TestExecutionContext> run) : TestCommand(Limited)
    {
        public override TestResult Execute(TestExecutionContext context)
        {
            run(context);
            context.CurrentResult.SetResult(ResultState.Success);
            return context.CurrentResult;
        }
    }
}
