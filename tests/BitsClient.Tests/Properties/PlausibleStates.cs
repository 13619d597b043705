using BitsClient.Machine;

namespace BitsClient.Tests.Properties;

/// <summary>Random states that an upload can be in.</summary>
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
            Session = new OpenSession
            {
                Id = "{A}",
                HighestSent = highestSent,
                Acknowledged = acknowledged,
                Offset = random.Next(4) == 0 ? random.NextInt64(acknowledged + 1) : acknowledged,
                Discarding = random.Next(10) == 0,
                Doubtful = random.Next(4) == 0,
                AcksWithoutProgress = random.Next(6),
            },
            Sizing = fresh.Sizing with
            {
                LargestAccepted = random.Next(fresh.Sizing.Size + 1),
                IsSizeKnown = random.Next(2) == 0,
                Questions = new Questions { Useless = random.Next(3) },
            },
            Budget = new RetryBudget
            {
                HighWater = random.NextInt64(acknowledged, fresh.Total + 1),
                Challenged = random.Next(4) == 0,
                Retries = random.Next(fresh.Options.MaxRetries + 1),
                Restarts = random.Next(fresh.Options.MaxRestarts + 1),
            },
            Ledger = new SessionLedger { Replaced = random.Next(4) },
            Tally = new Tally { HighestSent = highestSent },
        };
    }

    /// <summary>The start of an upload.</summary>
    public static UploadState Fresh(Random random)
    {
        int least = random.Next(1, 100);
        int most = least + random.Next(1000);
        return new UploadState
        {
            Url = new Uri("http://bits.test/upload/file.bin"),
            Options = new MachineOptions
            {
                MinFragmentSize = least,
                MaxFragmentSize = most,
                TargetFragmentDuration = TimeSpan.FromSeconds(10),
                MaxRetries = random.Next(8),
                MaxRestarts = random.Next(4),
                ResendPolicy = random.Next(3) == 0 ? BitsResendPolicy.NewSession : BitsResendPolicy.Resynchronize,
                CanAskFirst = random.Next(2) == 0,
                MinAskedLength = random.Next(1, 200),
                CanAuthenticate = random.Next(2) == 0,
                FollowsHostId = true,
                AllowReplyFromAnyOrigin = false,
            },
            Total = random.Next(1, 5000),
            Sizing = new FragmentSizing { Size = random.Next(least, most + 1) },
        };
    }
}
