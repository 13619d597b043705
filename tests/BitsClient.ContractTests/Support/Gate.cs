using WireMock;

namespace BitsClient.ContractTests.Support;

/// <summary>Holds a request without an answer until the test ends.</summary>
internal sealed class Gate : IDisposable
{
    private readonly TaskCompletionSource<IRequestMessage> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Holds a request in the server.</summary>
    public Task HoldAsync(IRequestMessage request)
    {
        _reached.TrySetResult(request);
        return _opened.Task;
    }

    /// <summary>Waits for the held request and returns it; fails if the upload ends without sending it.</summary>
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
