using System.Threading.Tasks.Sources;

namespace BitsClient.Transport;

/// <summary>
/// Sends one request on a thread that nothing else waits for, because a handler may block it, and waits for the answer until the request
/// is given up: a handler or a source that ignores its token must not delay the end of the request.
/// </summary>
/// <remarks>
/// <para>
/// The handler may end on any thread, and the request may be given up on any other at the same time: whoever changes the state decides how
/// the wait ends.
/// </para>
/// <para>
/// When an answer arrives, the run continues on the thread that brings it, up to its next request; by then, all of the run waits again, so
/// that this thread can send that request, as in a loop of awaited requests. Another thread sends the first request, and one before which
/// the run has waited for something else.
/// </para>
/// </remarks>
internal sealed class Dispatch(HttpClient client, HttpRequestMessage message, RequestInFlight request)
    : IValueTaskSource<HttpResponseMessage>
{
    // The values of _state.
    private const int Waiting = 0;
    private const int Ended = 1;

    // While this thread passes an answer on: the run that it belongs to, and the next request of that run.
    [ThreadStatic]
    private static object? _continuing;

    [ThreadStatic]
    private static Dispatch? _next;

    private ManualResetValueTaskSourceCore<HttpResponseMessage> _answer;
    private ExecutionContext? _context;
    private Task<HttpResponseMessage>? _sending;
    private int _state = Waiting;

    /// <summary>Sends the request. Call it once.</summary>
    /// <exception cref="OperationCanceledException">The request was given up; an answer that comes later is disposed.</exception>
    public ValueTask<HttpResponseMessage> SendAsync()
    {
        if (request.Run is { } run && run == _continuing)
        {
            (_next, _context) = (this, ExecutionContext.Capture());
        }
        else
        {
            ThreadPool.QueueUserWorkItem(static dispatch => dispatch.Send(), this, preferLocal: true);
        }

        return new ValueTask<HttpResponseMessage>(this, _answer.Version);
    }

    /// <summary>The handler has not ended an abandoned request in time.</summary>
    public void GiveUp()
    {
        if (Interlocked.Exchange(ref _state, Ended) is Waiting)
        {
            // What waits must not continue on the thread of the timer.
            _answer.RunContinuationsAsynchronously = true;
            _answer.SetException(new OperationCanceledException("The handler did not end the request.", request.Token));
        }
    }

    HttpResponseMessage IValueTaskSource<HttpResponseMessage>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<HttpResponseMessage>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<HttpResponseMessage>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    private void Send()
    {
        try
        {
            if (request.Body is { } body)
            {
                // A file system that does not answer is silence; the wait for a connection is not.
                body.CheckSource();
                request.Continuing(isWaiting: true);
            }

            _sending = client.SendAsync(
                message, HttpCompletionOption.ResponseHeadersRead, request.Content?.RequestToken ?? request.Token);
        }
        catch (Exception e)
        {
            _sending = Task.FromException<HttpResponseMessage>(e);
        }

        _sending.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(End);
    }

    // A thread that is not one of the pool belongs to the handler, and sends nothing else.
    private void End()
    {
        object? outer = _continuing;
        Dispatch? next;
        _continuing = Thread.CurrentThread.IsThreadPoolThread ? request.Run : null;
        try
        {
            PassOn();
        }
        finally
        {
            next = _next;
            (_continuing, _next) = (outer, null);
        }

        next?.SendHere();
    }

    private void SendHere()
    {
        if (_context is null)
        {
            Send();
        }
        else
        {
            ExecutionContext.Run(_context, static dispatch => ((Dispatch)dispatch!).Send(), this);
        }
    }

    private void PassOn()
    {
        bool isAwaited = Interlocked.Exchange(ref _state, Ended) is Waiting;
        try
        {
#pragma warning disable VSTHRD002 // It has ended.
            HttpResponseMessage answer = _sending!.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            if (isAwaited)
            {
                _answer.SetResult(answer);
            }
            else
            {
                answer.Dispose();
            }
        }
        catch (Exception e) when (isAwaited)
        {
            _answer.SetException(e);
        }
        catch (Exception)
        {
            // The failure of a request that was given up is observed, and reported nowhere.
        }
    }
}
