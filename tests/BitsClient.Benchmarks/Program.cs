using System.Globalization;
using BitsClient.Benchmarks;

int pairs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 11;
int bytes = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000_000;
await using StoreOverhead overhead = await StoreOverhead.StartAsync(bytes);
await overhead.MeasureAsync(pairs);
