using BitsClient.Machine;

namespace BitsClient.Tests.Properties;

/// <summary>States that an upload may be in.</summary>
internal static class PlausibleStates
{
    public static UploadState Next(Random random)
    {
        UploadState fresh = Fresh(random);
        if (random.Next(5) == 0)
        {
            return fresh;
        }

        long highestSent = random.NextInt64(fresh.Total + 1);
        long acknowledged = random.NextInt64(highestSent + 1);
        return fresh with
        {
            SessionId = "{A}",
            HighestSent = highestSent,
            Acknowledged = acknowledged,
            HighWater = random.NextInt64(acknowledged, fresh.Total + 1),
            Offset = random.Next(4) == 0 ? random.NextInt64(acknowledged + 1) : acknowledged,
            Discarding = random.Next(10) == 0,
            Doubtful = random.Next(4) == 0,
            Challenged = random.Next(4) == 0,
            LargestAccepted = random.Next(fresh.FragmentSize + 1),
            AcksWithoutProgress = random.Next(6),
            RetriesWithoutProgress = random.Next(fresh.Rules.MaxRetries + 1),
            RestartsWithoutProgress = random.Next(fresh.Rules.MaxRestarts + 1),
            Restarts = random.Next(4),
        };
    }

    /// <summary>The beginning of an upload.</summary>
    public static UploadState Fresh(Random random)
    {
        int least = random.Next(1, 100);
        int most = least + random.Next(1000);
        return new UploadState
        {
            Url = new Uri("http://bits.test/upload/file.bin"),
            Rules = new MachineOptions
            {
                MinFragmentSize = least,
                MaxFragmentSize = most,
                TargetFragmentDuration = TimeSpan.FromSeconds(10),
                MaxRetries = random.Next(8),
                MaxRestarts = random.Next(4),
                ResendPolicy = random.Next(3) == 0 ? BitsResendPolicy.NewSession : BitsResendPolicy.Resynchronize,
                CanAuthenticate = random.Next(2) == 0,
                HostIdPolicy = BitsHostIdPolicy.Follow,
                AllowReplyFromAnyHost = false,
            },
            Total = random.Next(1, 5000),
            FragmentSize = random.Next(least, most + 1),
        };
    }
}
