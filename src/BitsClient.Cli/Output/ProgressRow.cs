namespace BitsClient.Cli.Output;

/// <summary>Shows the progress of one of several uploads until it ends, and adds it to the total.</summary>
/// <param name="total">The total.</param>
/// <param name="length">The length of the file in bytes.</param>
/// <param name="progress">Shows the progress of this upload.</param>
/// <param name="end">Called when it ends.</param>
/// <param name="changed">Called when the total has changed.</param>
internal sealed class ProgressRow(BatchTotal total, long length, IProgress<BitsUploadProgress> progress, Action end, Action changed)
    : IProgress<BitsUploadProgress>, IDisposable
{
    public void Report(BitsUploadProgress value)
    {
        progress.Report(value);
        total.Report(this, value);
        changed();
    }

    public void Dispose()
    {
        end();
        total.End(this, length);
        changed();
    }
}
