using System.Diagnostics;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;

[assembly: BitsClient.Tests.TimeLimit(30)]

namespace BitsClient.Tests;

/// <summary>
/// Fails a test that takes longer, including its SetUp and TearDown, and lets the others continue. The attribute that is nearest to the
/// test applies. The thread of the test cannot be ended and is abandoned. NUnit's own Timeout does nothing on .NET.
/// </summary>
/// <param name="seconds">The limit.</param>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class TimeLimitAttribute(int seconds) : NUnitAttribute, IWrapSetUpTearDown
{
    public int Seconds => seconds;

    public TestCommand Wrap(TestCommand command) => new LimitedCommand(command, this);

    private static TimeLimitAttribute NearestTo(ITest test) =>
        test.Method?.GetCustomAttributes<TimeLimitAttribute>(inherit: true).FirstOrDefault()
        ?? test.TypeInfo?.GetCustomAttributes<TimeLimitAttribute>(inherit: true).FirstOrDefault()
        ?? (TimeLimitAttribute)GetCustomAttribute(typeof(TimeLimitAttribute).Assembly, typeof(TimeLimitAttribute))!;

    private sealed class LimitedCommand(TestCommand command, TimeLimitAttribute limit) : DelegatingTestCommand(command)
    {
        public override TestResult Execute(TestExecutionContext context)
        {
            if (Debugger.IsAttached || NearestTo(Test).Seconds != limit.Seconds)
            {
                return innerCommand.Execute(context);
            }

            // An abandoned test writes to a result that is no longer read.
            TestExecutionContext own = new(context) { CurrentResult = Test.MakeTestResult() };
            Thread thread = new(() => Run(own)) { IsBackground = true, Name = Test.Name };
            thread.Start();
            if (thread.Join(TimeSpan.FromSeconds(limit.Seconds)))
            {
                context.CurrentResult = own.CurrentResult;
            }
            else
            {
                context.OutWriter.Write(own.CurrentResult.Output);
                context.CurrentResult.SetResult(ResultState.Failure, $"The test did not end within {limit.Seconds} s.");
            }

            return context.CurrentResult;
        }

        private void Run(TestExecutionContext context)
        {
            try
            {
                context.EstablishExecutionEnvironment();
                context.CurrentResult = innerCommand.Execute(context);
            }
            catch (Exception e)
            {
                context.CurrentResult.RecordException(e);
            }
        }
    }
}
