using System.Diagnostics;
using System.Diagnostics.Metrics;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using BitsClient.Tests.Telemetry;

namespace BitsClient.Tests.Docs;

/// <summary>docs/telemetry.md lists what is emitted: every activity, attribute and instrument, and nothing else.</summary>
[NonParallelizable]
public sealed class TelemetryPageTests
{
    private static readonly Uri Url = new("http://telemetry-page.test/upload/file.bin");

    [Test]
    public void The_page_lists_every_instrument_with_its_type_unit_and_description()
    {
        Dictionary<string, string> instruments = [];
        using (MeterListener listener = new())
        {
            listener.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "BitsClient")
                {
                    string type = instrument.GetType().Name.Split('`')[0];
                    instruments[instrument.Name] = $"{type} | `{instrument.Unit}` | {instrument.Description}";
                }
            };
            System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(
                typeof(BitsUploadClient).Assembly.GetType("BitsClient.Diagnostics.UploadTelemetry", throwOnError: true)!.TypeHandle);
            listener.Start();
        }

        Assert.That(
            Rows("`bits.client.").ToDictionary(cells => cells[0].Trim('`'), cells => $"{cells[1]} | {cells[2]} | {cells[4]}"),
            Is.EquivalentTo(instruments));
    }

    [Test]
    public async Task The_page_lists_every_activity_and_attribute_that_uploads_emit()
    {
        using TelemetryRecorder recorder = new(Url.Host);
        await UploadInEveryWayAsync();

        Assert.That(
            recorder.Activities.Select(activity => $"`{activity.OperationName}` | {activity.Kind}").Distinct(),
            Is.EquivalentTo(Rows("`BITS ").Select(cells => $"{cells[0]} | {cells[1]}")));
        string[] attributes =
        [
            .. Rows("`url.full`").Concat(Rows("`server.")).Concat(Rows("`error.type`")).Concat(Rows("`bits."))
                .Where(cells => cells.Length == 3).SelectMany(cells => cells[0].Split(", ")).Select(name => name.Trim('`')).Distinct(),
        ];
        Assert.That(
            recorder.Activities.SelectMany(activity => activity.TagObjects).Select(tag => tag.Key).Distinct(), Is.EquivalentTo(attributes));
        foreach (IGrouping<string, (string Name, double Value, Dictionary<string, object?> Tags)> instrument in
            recorder.Measurements.GroupBy(measurement => measurement.Name))
        {
            string row = Rows($"`{instrument.Key}`").Single()[3];
            IEnumerable<string> further = row.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(name => name.Trim('`'));
            Assert.That(
                instrument.SelectMany(measurement => measurement.Tags.Keys).Distinct(),
                Is.EquivalentTo(further.Concat(["server.address", "server.port"])), instrument.Key);
        }
    }

    // An upload with a reply, one that is resumed, one that is retried and fails, and one that is canceled.
    private static async Task UploadInEveryWayAsync()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 4000, OnFailure = BitsSessionAction.KeepSession };
        using UploadRig rig = new(new BitsTestServerOptions { Reply = _ => new byte[10] }, options);
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling());
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await using IBitsUploadJob job = rig.Client.CreateJob(
            BitsUploadSource.FromMemory(rig.File), Url, BitsReplyTarget.ToStream(new MemoryStream()));
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        await job.RunAsync();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        await using IBitsUploadJob other = rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), Url);
        Assert.That(() => other.RunAsync(), Throws.TypeOf<BitsServerException>());
        await CancelAsync(other);
    }

    private static async Task CancelAsync(IBitsUploadJob job)
    {
        using Activity caller = new Activity("caller").Start();
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    // The cells of the rows that begin so.
    private static IEnumerable<string[]> Rows(string start) =>
        from line in File.ReadLines(Repository.PathOf("docs", "telemetry.md"))
        where line.StartsWith($"| {start}", StringComparison.Ordinal)
        select line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray();
}
