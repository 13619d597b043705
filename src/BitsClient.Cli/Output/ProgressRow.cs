namespace BitsClient.Cli.Output;

/// <summary>Shows the progress of one of several uploads until it ends, and adds it to the total.</summary>
/// <param name="total">The total.</param>
/// <param name="length">The length of the file in bytes.</param>
/// <param name="view">Shows the progress of this upload.</param>
/// <param name="changed">Called when the total has changed.</param>
internal sealed class ProgressRow(BatchTotal total, long length, IProgressView view, Action changed) : IProgressView
{
    public void Report(BitsUploadProgress value)
    {
        view.Report(value);
        total.Report(this, value);
        changed();
    }

    public void Dispose()
    {
        view.Dispose();
        total.End(this, length);
        changed();
    }
}
