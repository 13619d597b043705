using System.Diagnostics;

namespace BitsClient.Benchmarks;

/// <summary>What one upload took.</summary>
/// <param name="Time">From the call to its end.</param>
/// <param name="Cpu">The processor time of this process.</param>
/// <param name="Allocated">The bytes that this process allocated.</param>
internal readonly record struct Sample(TimeSpan Time, TimeSpan Cpu, long Allocated)
{
    public static async Task<Sample> MeasureAsync(Func<Task> action)
    {
        GC.Collect();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long began = Stopwatch.GetTimestamp();
        await action();
        TimeSpan time = Stopwatch.GetElapsedTime(began);
        return new Sample(time, Environment.CpuUsage.TotalTime - cpu, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }
}
