namespace BitsClient;

/// <summary>
/// Calls a method with each progress report, in order, and before <see cref="IBitsUploadJob.RunAsync"/> completes. Use it instead of
/// <see cref="Progress{T}"/>, whose reports may come out of order or after the result. Thread-safe if the method is.
/// </summary>
/// <param name="report">
/// Receives each report, on any thread, one after the other. It must not block, and must not wait for the job. An exception from it is
/// logged as a warning, and the upload continues.
/// </param>
/// <exception cref="ArgumentNullException"><paramref name="report"/> is null.</exception>
public sealed class BitsProgress(Action<BitsUploadProgress> report) : IProgress<BitsUploadProgress>
{
    private readonly Action<BitsUploadProgress> _report = report ?? throw new ArgumentNullException(nameof(report));

    /// <inheritdoc />
    public void Report(BitsUploadProgress value) => _report(value);
}
