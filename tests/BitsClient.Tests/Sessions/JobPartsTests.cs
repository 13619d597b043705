using BitsClient.Content;
using BitsClient.Machine;
using BitsClient.Sessions;
using BitsClient.Tests.Support;
using BitsClient.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient.Tests.Sessions;

/// <summary>A job disposes all that it consists of.</summary>
public sealed class JobPartsTests
{
    [Test]
    public async Task The_hash_and_the_suspension_are_disposed_with_the_job()
    {
        ManualTimeProvider time = new();
        BitsUploadOptions options = new BitsUploadOptions().Checked("options");
        using HttpClient http = new();
        ClientContext context = new(new BitsChannel(http, options, time), options, time, NullLogger.Instance);
        BitsUploadSource source = BitsUploadSource.FromMemory(new byte[10]);
        using SourceHash hash = new(source);
        UploadState state = new() { Url = UploadRig.Url, Options = context.MachineOptions, Total = 10 };
        JobParts parts = new(context, state, source, reply: null, BitsJobOptions.Default, hash);
        hash.Append(0, new byte[1]);
        await parts.DisposeAsync();
        hash.Append(1, new byte[1]);
        Assert.That(hash.Current.Length, Is.EqualTo(1), "it accepts no more bytes");
        Assert.That(() => parts.Suspension.WaitWhileSuspendedAsync(CancellationToken.None), Throws.TypeOf<ObjectDisposedException>());
    }
}
