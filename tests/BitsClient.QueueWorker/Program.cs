using System.Globalization;
using BitsClient;
using BitsClient.Queue;
using BitsClient.QueueWorker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A machine of a fleet, for tests that kill and stop it: DATABASE UPLOADS LEASE_SECONDS CLOCK_OFFSET_SECONDS BYTES_PER_SECOND (0 for no
// limit). It prints a line when it is ready.
HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
double lease = double.Parse(args[2], CultureInfo.InvariantCulture);
double offset = double.Parse(args[3], CultureInfo.InvariantCulture);
builder.Services.AddSingleton<TimeProvider>(new OffsetTimeProvider(TimeSpan.FromSeconds(offset)));
long rate = long.Parse(args[4], CultureInfo.InvariantCulture);
builder.Services.AddBitsUploadClient(options =>
{
    options.Retry.BaseDelay = TimeSpan.FromMilliseconds(50);
    options.RateLimiter = rate > 0 ? new BitsRateLimiter(rate) : null;
});
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);
builder.Services.AddBitsUploadQueue(queue =>
{
    _ = args[0].Contains("Host=", StringComparison.Ordinal) ? queue.UsePostgreSql(args[0]) : queue.UseSqlite(args[0]);
    queue.MaxConcurrentUploads = int.Parse(args[1], CultureInfo.InvariantCulture);
    queue.Lease = TimeSpan.FromSeconds(lease);
    queue.Heartbeat = TimeSpan.FromSeconds(lease / 6);
    queue.RetryDelay = TimeSpan.FromSeconds(1);
});
using IHost host = builder.Build();
try
{
    await host.StartAsync();
}
catch (BitsQueueException e)
{
    Console.WriteLine(e.Message);
    return 1;
}

Console.WriteLine("ready");
await host.WaitForShutdownAsync();
return 0;
