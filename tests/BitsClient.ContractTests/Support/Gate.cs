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
        if (await Task.WhenAny(_reached.Task, running).WaitAsync(Uploader.Limit) == running && !_reached.Task.IsCompleted)
        {
            await running;
            Assert.Fail("The upload succeeded without the request.");
        }

        return await _reached.Task;
    }

    public void Dispose() => _opened.TrySetResult();
}
