namespace BitsClient.Tests.Support;

/// <summary>Runs actions on several threads at the same moment, round after round.</summary>
internal static class Hammer
{
    private const int SpinsPerYield = 5000;

    /// <param name="rounds">The number of rounds.</param>
    /// <param name="actions">The action of each thread, which gets the number of the round.</param>
    public static void Run(int rounds, params Action<int>[] actions)
    {
        int ready = 0;
        Exception? failure = null;
        Thread[] threads = [.. actions.Select(action => new Thread(() => Work(action)) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(failure, Is.Null);

        void Work(Action<int> action)
        {
            for (int round = 0; round < rounds; round++)
            {
                // A waiting thread keeps its core, to start together with the last one: a barrier would wake the threads one after another.
                Interlocked.Increment(ref ready);
                for (int spins = 1; Volatile.Read(ref ready) < (round + 1) * actions.Length; spins++)
                {
                    Thread.SpinWait(1);
                    if (spins % SpinsPerYield == 0)
                    {
                        Thread.Yield();
                    }
                }

                try
                {
                    action(round);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref failure, e, null);
                }
            }
        }
    }
}
