namespace BitsClient.Tests.Support;

/// <summary>Calls back with each report, on the thread that reports.</summary>
internal sealed class ProgressHandler(Action<BitsUploadProgress> report) : IProgress<BitsUploadProgress>
{
    public void Report(BitsUploadProgress value) => report(value);
}
