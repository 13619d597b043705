namespace BitsClient.Tests.Support;

/// <summary>Waits for tasks that should complete at once, and fails the test if one takes far too long.</summary>
internal static class Soon
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    public static async Task<T> ResultOfAsync<T>(Task<T> task, string what)
    {
        await EndsAsync(task, what);
        return await task;
    }

    /// <summary>Waits for the task to complete, successfully or not; the caller checks its failure.</summary>
    public static async Task EndsAsync(Task task, string what)
    {
        try
        {
            await Task.WhenAny(task).WaitAsync(Bound);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{what} did not end within {Bound.TotalSeconds} seconds.");
        }
    }
}
