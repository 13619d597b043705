namespace BitsClient.Tests.Support;

/// <summary>Waits for what should end at once, and says what did not if it takes far too long.</summary>
internal static class Soon
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    public static async Task<T> ResultOfAsync<T>(Task<T> task, string what)
    {
        await EndsAsync(task, what);
        return await task;
    }

    /// <summary>However it ends: its failure is for the caller to look at.</summary>
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
