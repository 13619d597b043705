namespace BitsClient;

/// <summary>How a <see cref="BitsUploadClient"/> uploads. It is checked and copied when the client is made; changes after that have no effect.</summary>
public sealed class BitsUploadOptions
{
    /// <summary>Bytes in each fragment but the last, which carries what is left. Default 1 MiB; at least 1.</summary>
    /// <remarks>IIS and Kestrel refuse requests over 30,000,000 bytes by default, nginx over 1 MiB.</remarks>
    public int FragmentSize { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long a cancel may take: so long it waits for an ack that decides what became of the session, and so long it tries to deliver
    /// Cancel-Session. Default 10 seconds; more than zero, at most a day.
    /// </summary>
    public TimeSpan CancelTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What becomes of the server's session when an upload fails. Default <see cref="BitsFailureAction.KeepSession"/>.</summary>
    public BitsFailureAction OnFailure { get; set; } = BitsFailureAction.KeepSession;

    /// <summary>The least time between two progress reports. Default 250 milliseconds; not negative.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A copy that was checked.</summary>
    /// <exception cref="ArgumentException">Something is out of its range; the message lists all that is.</exception>
    internal BitsUploadOptions Checked(string parameterName)
    {
        List<string> faults = [];
        Check(FragmentSize >= 1, $"{nameof(FragmentSize)} is {FragmentSize}; it has to be at least 1.");
        Check(CancelTimeout > TimeSpan.Zero && CancelTimeout <= TimeSpan.FromDays(1), $"{nameof(CancelTimeout)} is {CancelTimeout}; it has to be more than zero and at most a day.");
        Check(Enum.IsDefined(OnFailure), $"{nameof(OnFailure)} is {OnFailure}; it has to be one of {string.Join(", ", Enum.GetNames<BitsFailureAction>())}.");
        Check(ProgressInterval >= TimeSpan.Zero, $"{nameof(ProgressInterval)} is {ProgressInterval}; it must not be negative.");
        return faults.Count == 0 ? (BitsUploadOptions)MemberwiseClone() : throw new ArgumentException(string.Join(Environment.NewLine, faults), parameterName);

        void Check(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }
}
