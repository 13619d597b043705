using BitsClient.Queue.Tests.Support;
using BitsClient.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace BitsClient.Queue.Tests;

/// <summary>The table, and a database that is not as it should be.</summary>
public sealed class DatabaseTests(DatabaseKind kind) : QueueTest(kind)
{
    [Test]
    public async Task A_table_that_many_make_at_once_is_made_once_and_loses_no_row()
    {
        IBitsUploadQueue[] queues = [.. Enumerable.Range(0, 8).Select(_ => Rig.Queue())];
        Guid[] ids = await Task.WhenAll(queues.Select(async queue =>
        {
            await queue.InitializeAsync();
            return await queue.EnqueueAsync(Rig.Request());
        }));
        IBitsUploadQueue late = Rig.Queue();
        await late.InitializeAsync();
        Assert.That((await late.ListAsync()).Select(upload => upload.Id), Is.EquivalentTo(ids));
        Assert.That(await Rig.SqlAsync("SELECT count(*) FROM bits_upload_schema"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_table_of_a_newer_version_is_refused_and_left_alone()
    {
        Guid id = await Rig.Queue().EnqueueAsync(Rig.Request());
        await Rig.SqlAsync("UPDATE bits_upload_schema SET version = 2");
        BitsQueueException e = Assert.ThrowsAsync<BitsQueueException>(() => Rig.Queue().GetAsync(id))!;
        Assert.That(e.Message, Does.Contain("schema of version 2").And.Contain("Update BitsClient.Queue"));
        Assert.That(e.IsTransient, Is.False);
        using IHost host = Rig.Build();
        Assert.That(() => host.StartAsync(), Throws.TypeOf<BitsQueueException>());
        Assert.That(await Rig.SqlAsync("SELECT count(*) FROM bits_upload"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_second_process_that_uploads_from_SQLite_is_refused_and_one_that_enqueues_is_not()
    {
        IHost first = await Rig.StartAsync();
        if (Kind == DatabaseKind.PostgreSql)
        {
            Assert.That(() => Rig.StartAsync(), Throws.Nothing, "many upload from PostgreSQL");
            return;
        }

        using IHost second = Rig.Build();
        BitsQueueException e = Assert.ThrowsAsync<BitsQueueException>(() => second.StartAsync())!;
        Assert.That(e.Message, Does.Contain("Another process uploads from this SQLite queue"));
        Guid id = await Rig.Queue().EnqueueAsync(Rig.Request());
        Assert.That((await QueueRig.QueueOf(first).WaitAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
        await first.StopAsync();
        first.Dispose();
        await Rig.StartAsync();
    }

    [Test]
    public void A_connection_string_with_a_typo_is_refused_where_it_is_set()
    {
        ArgumentException e = Assert.Catch<ArgumentException>(
            () => new BitsUploadQueueOptions().UsePostgreSql("Hots=127.0.0.1;Username=postgres"))!;
        Assert.That(e.Message, Does.Contain("hots").IgnoreCase);
    }

    [Test]
    public void A_queue_without_a_database_says_what_it_needs()
    {
        IBitsUploadQueue Build() => QueueRig.QueueOf(Rig.Build(options => options.DataSource = null));
        Assert.That(Build, Throws.InvalidOperationException.With.Message.Contains("UseSqlite"));
    }

    [Test]
    public async Task A_data_source_can_be_a_keyed_service()
    {
        IHost host = await Rig.StartAsync(
            options => (options.DataSource, options.DataSourceKey) = (null, "uploads"),
            services => services.AddKeyedSingleton("uploads", Rig.Source));
        Guid id = await QueueRig.QueueOf(host).EnqueueAsync(Rig.Request());
        Assert.That((await QueueRig.QueueOf(host).WaitAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
    }

    [Test]
    public async Task A_database_that_is_not_there_yet_does_not_keep_the_host_from_starting()
    {
        if (Kind == DatabaseKind.Sqlite)
        {
            Assert.Ignore("A file is there or not.");
        }

        // Nobody listens on the port of a socket that is bound only.
        using System.Net.Sockets.Socket bound = new(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        bound.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.IPv6Loopback, 0));
        int port = ((System.Net.IPEndPoint)bound.LocalEndPoint!).Port;
        await using NpgsqlDataSource away = NpgsqlDataSource.Create($"Host=::1;Port={port};Username=me;Password=secret");
        IHost host = await Rig.StartAsync(options => options.DataSource = away);
        BitsQueueException e = Assert.ThrowsAsync<BitsQueueException>(() => QueueRig.QueueOf(host).ListAsync())!;
        Assert.That(e.IsTransient);
        Assert.That(e.Message, Does.Contain("::1").And.Not.Contain("secret"));
        Assert.That(Rig.Logs.Lines, Has.Some.Contain("The database cannot be used"));
        Assert.That(Rig.Logs.Lines, Has.None.Contain("secret"));
    }

    [Test]
    public async Task A_database_that_does_not_exist_keeps_the_host_from_starting()
    {
        if (Kind == DatabaseKind.Sqlite)
        {
            using IHost folder = Rig.Build(options => options.UseSqlite(Path.Combine(Rig.Folder, "missing", "queue.db")));
            Assert.That(() => folder.StartAsync(), Throws.Exception.With.Message.Contains("missing"));
            return;
        }

        string shared = (await SharedServer.Server).ConnectionString;
        string missing = shared.Replace("Database=postgres", "Database=missing", StringComparison.Ordinal);
        using IHost host = Rig.Build(options => options.UsePostgreSql(missing));
        Assert.That(
            () => host.StartAsync(),
            Throws.TypeOf<BitsQueueException>().With.Message.Contains("'missing'").And.Message.Contains("127.0.0.1"));
    }

    [Test]
    public void Options_that_are_out_of_range_keep_the_host_from_starting()
    {
        using IHost host = Rig.Build(options =>
        {
            options.MaxConcurrentUploads = -1;
            options.MaxConcurrentUploadsPerOrigin = 0;
            options.Lease = TimeSpan.FromSeconds(5);
            options.Heartbeat = TimeSpan.FromSeconds(3);
            options.PollInterval = TimeSpan.Zero;
            options.RetryDelay = TimeSpan.FromHours(1);
            options.GiveUpAfter = TimeSpan.Zero;
        });
        Exception e = Assert.CatchAsync(() => host.StartAsync())!;
        foreach (string option in new[]
        {
            "MaxConcurrentUploads", "MaxConcurrentUploadsPerOrigin", "Heartbeat", "PollInterval", "MaxRetryDelay", "GiveUpAfter",
        })
        {
            Assert.That(e.Message, Does.Contain($"{option} is "));
        }

        Assert.That(e.Message, Does.Not.Contain("Lease is "));
    }

    [Test]
    public void A_second_queue_in_one_application_is_refused() =>
        Assert.That(
            () => Rig.Build(services: services => services.AddBitsUploadQueue()),
            Throws.InvalidOperationException.With.Message.Contains("already registered"));

    [Test]
    public async Task A_full_disk_is_told_and_the_queue_goes_on_when_there_is_room()
    {
        if (Kind == DatabaseKind.PostgreSql)
        {
            Assert.Ignore("Its disk is full elsewhere.");
        }

        IBitsUploadQueue queue = Rig.Queue();
        Guid id = await queue.EnqueueAsync(Rig.Request());
        string connectionString = $"Data Source={Path.Combine(Rig.Folder, "queue.db")};Pooling=False";
        FullDisk disk = new(connectionString);
        IHost host = Rig.Build(options => options.DataSource = disk);
        await host.StartAsync();
        IBitsUploadQueue full = QueueRig.QueueOf(host);
        BitsUploadRequest large = Rig.Request() with { Description = new string('x', 100_000) };
        BitsQueueException e = Assert.ThrowsAsync<BitsQueueException>(() => full.EnqueueAsync(large))!;
        Assert.That(e.IsTransient);
        Assert.That(e.Message, Does.Contain("full").And.Contain("queue.db"));
        disk.IsFull = false;
        try
        {
            await full.EnqueueAsync(large);
        }
        catch (BitsQueueException)
        {
            // The connection was opened while the disk was full. Another one has replaced it.
            await full.EnqueueAsync(large);
        }

        Assert.That((await queue.WaitAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
        await host.StopAsync();
        Assert.That(await queue.ListAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task An_entry_that_somebody_has_spoiled_fails_and_holds_up_no_other()
    {
        IBitsUploadQueue queue = Rig.Queue();
        Guid spoiled = await queue.EnqueueAsync(Rig.Request());
        await Rig.SqlAsync("UPDATE bits_upload SET url = 'no URL'");
        Guid id = await queue.EnqueueAsync(Rig.Request());
        await Rig.StartAsync();
        Assert.That((await queue.WaitAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(await Rig.SqlAsync($"SELECT status FROM bits_upload WHERE id = '{spoiled}'"), Is.EqualTo("error"));
        Assert.That(
            () => queue.GetAsync(spoiled), Throws.TypeOf<BitsQueueException>().With.Message.Contains($"{spoiled}"));
    }

    [Test]
    public async Task What_a_crash_of_the_database_interrupts_is_not_lost()
    {
        if (Kind == DatabaseKind.Sqlite)
        {
            Assert.Ignore("It has no process.");
        }

        using PostgreSqlServer server = await PostgreSqlServer.StartAsync();
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(server.ConnectionString);
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        IHost host = await Rig.StartAsync(options => options.DataSource = source);
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        await gate.Reached;
        await server.StopAsync();
        BitsQueueException e = Assert.ThrowsAsync<BitsQueueException>(() => queue.GetAsync(id))!;
        Assert.That(e.IsTransient);
        gate.Release();
        await server.BeginAsync();
        Assert.That((await queue.WaitAsync(id)).Tries, Is.EqualTo(1));
        Assert.That(Rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(Rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(QueueRig.Bytes));
    }
}
