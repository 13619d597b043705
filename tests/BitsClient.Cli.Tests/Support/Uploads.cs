namespace BitsClient.Cli.Tests.Support;

/// <summary>A result and a checkpoint as the library returns them.</summary>
internal static class Uploads
{
    public static readonly Guid Id = new("3f2a0000-0000-4000-8000-000000000001");

    public static BitsUploadResult Finished() => new()
    {
        Url = new Uri("http://server/in/a.bin"),
        SessionId = "{7df0354d-249b-430f-820d-3d2a9bef4931}",
        BytesTransferred = 3000,
        BytesResent = 10,
        Fragments = 3,
        Retries = 2,
        Elapsed = TimeSpan.FromSeconds(1.26),
    };

    public static BitsUploadCheckpoint Saved() => new()
    {
        Id = Id,
        Url = new Uri("http://me:sesame@server/in/a.bin?key=sesame#part"),
        SessionId = "{7df0354d-249b-430f-820d-3d2a9bef4931}",
        CreatedAt = new DateTimeOffset(2026, 1, 2, 4, 0, 0, TimeSpan.FromHours(1)),
        UpdatedAt = new DateTimeOffset(2026, 1, 2, 4, 4, 5, TimeSpan.FromHours(1)),
        Source = new BitsSourceFingerprint { Path = "/files/a.bin", Length = 4096 },
        BytesAcknowledged = 1024,
        BytesTotal = 4096,
    };
}
