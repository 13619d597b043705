namespace BitsClient.Tests.Support;

/// <summary>Lets threads do something at the same moment, round after round.</summary>
internal static class Hammer
{
    private const int SpinsPerYield = 5000;

    /// <param name="rounds">How many rounds.</param>
    /// <param name="blows">What each thread does in each round.</param>
    public static void Run(int rounds, params Action<int>[] blows)
    {
        int ready = 0;
        Exception? failure = null;
        Thread[] threads = [.. blows.Select(blow => new Thread(() => Work(blow)) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(failure, Is.Null);

        void Work(Action<int> blow)
        {
            for (int round = 0; round < rounds; round++)
            {
                // Whoever waits keeps its core, to start together with the last one: a barrier would wake them one after another.
                Interlocked.Increment(ref ready);
                for (int spins = 1; Volatile.Read(ref ready) < (round + 1) * blows.Length; spins++)
                {
                    Thread.SpinWait(1);
                    if (spins % SpinsPerYield == 0)
                    {
                        Thread.Yield();
                    }
                }

                try
                {
                    blow(round);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref failure, e, null);
                }
            }
        }
    }
}
