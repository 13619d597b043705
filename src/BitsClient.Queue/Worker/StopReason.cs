namespace BitsClient.Queue.Worker;

/// <summary>Why a run is stopped.</summary>
internal enum StopReason
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>A caller has suspended the upload.</summary>
    Suspend,

    /// <summary>A caller has canceled the upload.</summary>
    Cancel,

    /// <summary>The host stops. Another process continues.</summary>
    HostStops,

    /// <summary>The upload may belong to another process.</summary>
    LeaseLost,
}
