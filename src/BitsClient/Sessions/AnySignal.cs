namespace BitsClient.Sessions;

/// <summary>
/// Fires when one of several tokens does, on another thread. Otherwise, what waits for it would continue on the thread that cancels, which
/// is the caller's and may hold a lock.
/// </summary>
internal sealed class AnySignal : IDisposable
{
    private readonly CancellationTokenSource _any = new();
    private readonly CancellationTokenRegistration[] _registrations;

    public AnySignal(params ReadOnlySpan<CancellationToken> tokens)
    {
        _registrations = new CancellationTokenRegistration[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            _registrations[i] = tokens[i].UnsafeRegister(static signal => _ = ((AnySignal)signal!).FireAsync(), this);
        }
    }

    public CancellationToken Token => _any.Token;

    public void Dispose()
    {
        foreach (CancellationTokenRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    // A callback may throw, which cannot be reported anywhere.
    private async Task FireAsync() => await _any.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
