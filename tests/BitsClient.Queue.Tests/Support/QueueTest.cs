namespace BitsClient.Queue.Tests.Support;

/// <summary>A test that runs with both databases.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.PostgreSql)]
public abstract class QueueTest(DatabaseKind kind)
{
    private QueueRig? _rig;

    private protected QueueRig Rig => _rig!;

    protected DatabaseKind Kind => kind;

    [SetUp]
    public async Task BeginRig() => _rig = await QueueRig.CreateAsync(kind);

    [TearDown]
    public async Task EndRig()
    {
        if (_rig is not null)
        {
            await _rig.DisposeAsync();
        }
    }
}
