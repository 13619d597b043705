#if NET
namespace BitsClient;

/// <summary>What Microsoft.Bcl.TimeProvider has for .NET Standard 2.0, where the constructor is missing that .NET 8 has.</summary>
internal static class TimeProviderExtensions
{
    /// <summary>A token that fires after a delay of this clock.</summary>
    public static CancellationTokenSource CreateCancellationTokenSource(this TimeProvider time, TimeSpan delay) => new(delay, time);
}
#endif
