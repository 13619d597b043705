using BitsClient.Sessions;

namespace BitsClient.Tests.Sessions;

/// <summary>A run that may not begin is refused with the reason.</summary>
public sealed class JobGateTests
{
    [Test]
    public void One_run_at_a_time()
    {
        JobGate gate = new();
        gate.BeginRun(now: 1, isClosed: false);
        Assert.That(() => Begin(gate), Throws.TypeOf<InvalidOperationException>().With.Message.Contains("running"));
        gate.EndRun();
        Assert.That(() => Begin(gate), Throws.Nothing);
        Assert.That(gate.StartedAt, Is.EqualTo(1), "the first run counts");
    }

    [Test]
    public void No_run_of_an_upload_that_has_completed()
    {
        JobGate gate = new();
        Assert.That(() => Begin(gate, isClosed: true), Throws.TypeOf<InvalidOperationException>().With.Message.Contains("completed"));
        Assert.That(gate.StartedAt, Is.Null);
    }

    [Test]
    public void No_run_of_a_disposed_job()
    {
        JobGate gate = new();
        gate.Close();
        Assert.That(() => Begin(gate), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(gate.ThrowIfDisposed, Throws.TypeOf<ObjectDisposedException>());
    }

    private static void Begin(JobGate gate, bool isClosed = false) => gate.BeginRun(now: 2, isClosed);
}
