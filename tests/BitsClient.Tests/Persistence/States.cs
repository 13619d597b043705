namespace BitsClient.Tests.Persistence;

/// <summary>Sample checkpoints.</summary>
internal static class States
{
    /// <summary>Every property has a value other than its default.</summary>
    public static BitsUploadCheckpoint Full { get; } = new()
    {
        Id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
        CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        UpdatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero).AddTicks(1234567),
        Source = new BitsSourceFingerprint
        {
            Path = "/data/Bericht für \"Müller\".zip",
            Name = "report.zip",
            Length = 5_000_000_000,
            LastWriteTime = new DateTimeOffset(2025, 12, 31, 23, 59, 59, TimeSpan.Zero).AddTicks(7654321),
            PrefixSha256 = new string('a', 64),
            PrefixLength = 3_000_000_001,
        },
        Url = new Uri("https://bits.test/upload/report.zip?sig=a%2Bb"),
        SessionId = "{7DF0354D-249B-430F-820D-3D2A9BEF4931}",
        HostId = "node-2.bits.test:8080",
        HostIdFallback = TimeSpan.FromSeconds(90),
        BytesAcknowledged = 3_000_000_000,
        BytesSentAtMost = 4_000_000_000,
        ServerKeepsOffsets = true,
        LargestFragmentAccepted = 3_000_000_000,
        FragmentSizeLimit = 1_000_000_000,
        IsAskingUseless = true,
        BytesTotal = 5_000_000_000,
        MayBeComplete = true,
        ExpectsReply = true,
        ReplyPath = "/data/reply.bin",
        Description = "The report of May",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        NeedsNewSession = true,
        OtherSessions = [new BitsOtherSession { Url = new Uri("https://node-3.bits.test/f?a=b"), SessionId = "{0}" }],
        EarlierSessionMayBeComplete = true,
        IsReplyReceived = true,
        ReplyUrl = new Uri("https://bits.test/replies/1"),
    };

    /// <summary>Only the required properties are set.</summary>
    public static BitsUploadCheckpoint Least { get; } = new()
    {
        Url = new Uri("http://bits.test/f"),
        SessionId = "id",
        BytesAcknowledged = 0,
        BytesTotal = 1,
    };

    /// <summary>The checkpoint of another upload.</summary>
    public static BitsUploadCheckpoint Other(int number = 1) =>
        Full with { Id = Guid.NewGuid(), CreatedAt = Full.CreatedAt.AddHours(number) };
}
