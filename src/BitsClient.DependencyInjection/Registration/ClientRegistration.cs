using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BitsClient.DependencyInjection.Registration;

/// <summary>Registers one client: its options, its <see cref="HttpClient"/>, and itself as a singleton.</summary>
internal static class ClientRegistration
{
    // The learned limits of a client live as long as it does, so its handler is never replaced; its connections are. Not often: some
    // servers bind a session to its connection, so that a new connection is a new session.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromHours(1);

    public static IHttpClientBuilder Add(IServiceCollection services, string name, Action<BitsUploadOptions>? configure)
    {
        if (services.Any(service => service.ServiceType == typeof(RegisteredName) && service.ImplementationInstance is RegisteredName known
            && known.Name == name))
        {
            throw new InvalidOperationException(name.Length == 0
                ? "The default BITS upload client is already registered. Register further clients with a name."
                : $"A BITS upload client named '{name}' is already registered.");
        }

        services.AddSingleton(new RegisteredName(name));
        OptionsBuilder<BitsUploadOptions> options = services.AddOptions<BitsUploadOptions>(name);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        options.PostConfigure<IServiceProvider>((own, provider) => own.CheckpointStore ??= StoreOf(provider, name)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BitsUploadOptions>>(new OptionRangeValidation(name));
        services.AddKeyedSingleton<IBitsUploadClient>(name, (provider, _) => Create(provider, name));
        if (name.Length == 0)
        {
            services.AddSingleton(provider => provider.GetRequiredKeyedService<IBitsUploadClient>(name));
        }

        return AddHttpClient(services, HttpNameOf(name));
    }

    /// <summary>The client of a name, or the one without a name.</summary>
    public static IBitsUploadClient Resolve(IServiceProvider provider, string? name) =>
        provider.GetRequiredKeyedService<IBitsUploadClient>(name ?? Options.DefaultName);

    // The client logs what it does. The loggers of IHttpClientFactory would add four entries for each packet, with the query of its URL.
    private static IHttpClientBuilder AddHttpClient(IServiceCollection services, string name) => services.AddHttpClient(name)
        .RemoveAllLoggers()
        .ConfigureHttpClient(static http => http.Timeout = Timeout.InfiniteTimeSpan)
        .ConfigurePrimaryHttpMessageHandler(CreateHandler)
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
        .ConfigureAdditionalHttpMessageHandlers((handlers, provider) => ResilienceHandlers.Remove(handlers, provider, name));

#if NET
    private static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = ConnectionLifetime,
    };
#else
    // .NET Framework allows two connections to a server otherwise.
    private static HttpClientHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        MaxConnectionsPerServer = int.MaxValue,
    };
#endif

    private static BitsUploadClient Create(IServiceProvider provider, string name) => new BitsUploadClient(
        provider.GetRequiredService<IHttpClientFactory>().CreateClient(HttpNameOf(name)),
        provider.GetRequiredService<IOptionsMonitor<BitsUploadOptions>>().Get(name),
        provider.GetService<ILoggerFactory>(),
        provider.GetService<TimeProvider>());

    private static IBitsCheckpointStore? StoreOf(IServiceProvider provider, string name) =>
        provider.GetKeyedService<IBitsCheckpointStore>(name) ?? provider.GetService<IBitsCheckpointStore>();

    private static string HttpNameOf(string name) => name.Length == 0 ? "BitsClient" : $"BitsClient:{name}";
}
