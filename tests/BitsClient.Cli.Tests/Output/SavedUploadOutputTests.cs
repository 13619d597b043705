using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;

namespace BitsClient.Cli.Tests.Output;

/// <summary>Saved uploads as 'list' writes them, as lines and as JSON.</summary>
public sealed class SavedUploadOutputTests
{
    private const string Id = "3f2a0000-0000-4000-8000-000000000001";

    private static readonly BitsStoredCheckpoint Readable = new() { Location = $"/state/{Id}.json", Checkpoint = Uploads.Saved() };
    private static readonly BitsStoredCheckpoint Damaged =
        new() { Location = "/state/bad.json", Error = new InvalidDataException("It is\ndamaged.") };

    [Test]
    public void A_line_has_the_time_in_UTC_and_no_secrets_from_the_url() => Assert.That(
        SavedUploadLine.Of(Readable),
        Is.EqualTo($"{Id}   25% 1.0 KiB of 4.0 KiB, 2026-01-02 03:04:05Z  /files/a.bin -> http://server/in/a.bin"));

    [Test]
    public void An_unknown_path_is_shown_as_a_question_mark() =>
        Assert.That(
            SavedUploadLine.Of(Readable with { Checkpoint = Uploads.Saved() with { Source = null } }),
            Does.EndWith("  ? -> http://server/in/a.bin"));

    [Test]
    public void A_checkpoint_that_cannot_be_read_is_one_line_with_its_file_name() =>
        Assert.That(SavedUploadLine.Of(Damaged), Is.EqualTo("bad  cannot be read: It is damaged."));

    [Test]
    public void The_json_has_one_object_per_upload() => Assert.That(
        SavedUploadReport.ToJson(((BitsStoredCheckpoint[])[Readable, Damaged]).Select(SavedUploadReport.Of)),
        Is.EqualTo(
            $$"""[{"id":"{{Id}}","url":"http://server/in/a.bin","file":"/files/a.bin","acknowledged":1024,"total":4096,"""
            + """
            "created":"2026-01-02T04:00:00+01:00","updated":"2026-01-02T04:04:05+01:00"},
            """
            + """
            {"id":"bad","url":null,"file":null,"acknowledged":null,"total":null,"created":null,"updated":null,"fault":"It is\ndamaged."}]
            """));
}
