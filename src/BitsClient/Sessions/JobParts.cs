using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Sessions;

/// <summary>What one job consists of, from its creation to its disposal.</summary>
internal sealed class JobParts : IAsyncDisposable
{
    private static readonly TimeSpan MaxDisposal = TimeSpan.FromSeconds(5);

    private readonly BitsUploadSource _source;

    /// <param name="context">The client.</param>
    /// <param name="state">What the upload begins with.</param>
    /// <param name="source">What is uploaded.</param>
    /// <param name="reply">Where the reply goes; null for a plain upload.</param>
    /// <param name="options">The settings of the upload.</param>
    /// <param name="hash">The hash of the source, if it was computed already.</param>
    public JobParts(
        ClientContext context, UploadState state, BitsUploadSource source, BitsReplyTarget? reply, BitsJobOptions options,
        SourceHash? hash = null)
    {
        _source = source;
        Context = context;
        Reply = reply;
        Exchange = context.ExchangeOf(state, options);
        bool isHashed = context.Options.ComputeSha256 || source.MayGrow || state.Identity.Source?.PrefixSha256 is not null;
        Hash = hash ?? (isHashed ? new SourceHash(source, state.Identity.Source, context.Timeouts.Stall, context.Time) : null);
        Suspension = new Suspension(context.Time);
        Keeper = context.KeeperOf(state.Identity.Id, Hash, options);
        Loop = new UploadLoop(Exchange, new PacketSender(Exchange, source, reply, context, Suspension, Keeper, Hash), context, Keeper);
    }

    public ClientContext Context { get; }

    public PacketExchange Exchange { get; }

    public UploadLoop Loop { get; }

    /// <summary>What ends the session; it has no state of its own.</summary>
    public SessionCancellation Cancellation => new(Exchange, Context);

    public Suspension Suspension { get; }

    public CheckpointKeeper Keeper { get; }

    /// <summary>Where the reply goes; null for a plain upload.</summary>
    public BitsReplyTarget? Reply { get; }

    /// <summary>The hash of the source; null if none is computed.</summary>
    public SourceHash? Hash { get; }

    /// <summary>
    /// The upload was found in the store: if it is no longer there when the job first runs, another run has ended it meanwhile.
    /// </summary>
    public bool MustBeStored { get; set; }

    public UploadState State => Exchange.State;

    /// <summary>The checkpoint of the session that is open; null if none is.</summary>
    public BitsUploadCheckpoint? Checkpoint => Keeper.Snapshot(State);

    public async ValueTask DisposeAsync()
    {
        await Keeper.DisposeAsync().ConfigureAwait(false);
        Suspension.Dispose();
        Hash?.Dispose();
        if (_source.IsForeign)
        {
            await TryDisposeAsync(_source).ConfigureAwait(false);
        }
        else
        {
            _source.Dispose();
        }

        if (Reply is not null)
        {
            await TryDisposeAsync(Reply).ConfigureAwait(false);
        }
    }

    // The streams are the caller's. If one of them cannot be disposed, or its disposal hangs, the other one is disposed anyway.
    private async Task TryDisposeAsync(IDisposable foreign)
    {
        Task disposing = Task.Run(foreign.Dispose);
        try
        {
            await disposing.WaitAsync(MaxDisposal, Context.Time).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _ = ForeignCode.ObserveAsync(disposing);
            Log.NotDisposed(Context.Logger, BitsUrl.Shown(State.Url), e);
        }
    }
}
