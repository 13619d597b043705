using System.Data.Common;
using BitsClient.Queue;
using BitsClient.Queue.Diagnostics;
using BitsClient.Queue.Registration;
using BitsClient.Queue.Storage;
using BitsClient.Queue.Worker;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the queue of uploads.</summary>
public static class BitsUploadQueueServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="IBitsUploadQueue"/>, and a hosted service that uploads what is in it, with the clients that were registered
    /// with AddBitsUploadClient. When the host stops, it keeps the sessions of the uploads, and another process, or the next start,
    /// continues them. Call it once.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options. Default null: the database is the registered one.</param>
    /// <returns>The services.</returns>
    /// <exception cref="InvalidOperationException">A queue is already registered.</exception>
    public static IServiceCollection AddBitsUploadQueue(
        this IServiceCollection services, Action<BitsUploadQueueOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(IBitsUploadQueue)))
        {
            throw new InvalidOperationException("A queue is already registered.");
        }

        OptionsBuilder<BitsUploadQueueOptions> options = services.AddOptions<BitsUploadQueueOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddSingleton<IValidateOptions<BitsUploadQueueOptions>, QueueOptionsValidation>();
        services.AddSingleton(CreateDatabase);
        services.AddSingleton(provider => new QueueSignals(TimeOf(provider)));
        services.AddSingleton<RunningUploads>();
        services.AddSingleton<QueueTable>();
        services.AddSingleton<IBitsUploadQueue>(provider => new BitsUploadQueue(
            provider.GetRequiredService<QueueTable>(), provider.GetRequiredService<RunningUploads>(),
            provider.GetRequiredService<QueueSignals>(), TimeOf(provider)));
        services.AddSingleton<QueueMetrics>();
        services.AddSingleton<IHostedService>(CreateWorker);
        return services;
    }

    private static QueueWorker CreateWorker(IServiceProvider provider)
    {
        BitsUploadQueueOptions options = OptionsOf(provider);
        TimeProvider time = TimeOf(provider);
        ILogger<QueueWorker> logger =
            (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<QueueWorker>();
        QueueDatabase database = provider.GetRequiredService<QueueDatabase>();
        _ = provider.GetRequiredService<QueueMetrics>();
        RunningUploads running = provider.GetRequiredService<RunningUploads>();
        QueueSignals signals = provider.GetRequiredService<QueueSignals>();

        // A process that has crashed and is started again is another owner.
        LeaseTable table = new(database, $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..8]}");
        ObserverCalls observers = new(table, provider.GetServices<IBitsUploadQueueObserver>(), options, time, logger);
        Heartbeat heartbeat = new(table, running, signals, options, time, logger);
        return new QueueWorker(
            database, table, running, signals, heartbeat, observers, new FailurePolicy(options), options, provider, logger, time);
    }

    private static QueueDatabase CreateDatabase(IServiceProvider provider)
    {
        BitsUploadQueueOptions options = OptionsOf(provider);
        DbDataSource? source = options.DataSource ?? (options.DataSourceKey is { } key
            ? provider.GetRequiredKeyedService<DbDataSource>(key)
            : provider.GetService<NpgsqlDataSource>() ?? provider.GetService<DbDataSource>());
        if (source is NpgsqlDataSource postgreSql)
        {
            return new PostgreSqlDatabase(postgreSql);
        }

        using DbConnection? connection = source?.CreateConnection();
        return connection is SqliteConnection sqlite
            ? new SqliteDatabase(source!, sqlite.DataSource, TimeOf(provider))
            : throw new InvalidOperationException(
                $"The queue needs a database: call {nameof(BitsUploadQueueOptions.UseSqlite)} or "
                + $"{nameof(BitsUploadQueueOptions.UsePostgreSql)}, or register a data source of Npgsql or Microsoft.Data.Sqlite.");
    }

    private static BitsUploadQueueOptions OptionsOf(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<BitsUploadQueueOptions>>().Value;

    private static TimeProvider TimeOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
