using WireMock;

namespace BitsClient.ContractTests.Support;

/// <summary>Keeps a request unanswered until the test is over.</summary>
internal sealed class Gate : IDisposable
{
    private readonly TaskCompletionSource<IRequestMessage> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Holds a request on the server's side.</summary>
    public Task HoldAsync(IRequestMessage request)
    {
        _reached.TrySetResult(request);
        return _opened.Task;
    }

    /// <summary>The request that is held; fails where the upload ends without it.</summary>
    public async Task<IRequestMessage> ReachedByAsync(Task running)
    {
        await Task.WhenAny(_reached.Task, running).WaitAsync(Uploader.Limit);
        string end = running.Exception?.InnerException?.Message ?? "it succeeded";
        Assert.That(_reached.Task.IsCompleted, Is.True, $"The upload ended before the request came: {end}");
        return await _reached.Task;
    }

    public void Dispose() => _opened.TrySetResult();
}
