using BitsClient;
using BitsClient.DependencyInjection;
using BitsClient.DependencyInjection.Configuration;
using BitsClient.DependencyInjection.Registration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers BITS upload clients and the background worker.</summary>
public static class BitsUploadServiceCollectionExtensions
{
    /// <summary>
    /// Registers the default client: a singleton <see cref="IBitsUploadClient"/> over an <see cref="HttpClient"/> of
    /// <see cref="IHttpClientFactory"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options. Default null: the defaults of <see cref="BitsUploadOptions"/>.</param>
    /// <returns>
    /// Configures the <see cref="HttpClient"/>. Its primary handler follows no redirects, has cookies, and renews its connections every
    /// hour; its timeout is infinite, and it has no loggers. You can add handlers and replace the primary one. Retry, hedging and other
    /// resilience handlers that the application adds to all clients are left out, because the upload retries by itself.
    /// </returns>
    /// <remarks>
    /// If <see cref="BitsUploadOptions.CheckpointStore"/> is not set, the client uses the registered <see cref="IBitsCheckpointStore"/>, if
    /// there is one: that of its name, or the one without a name. The logger and the clock are those that are registered. Options that are
    /// out of range make the application fail when it starts, with an <see cref="OptionsValidationException"/> that lists all of them.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The default client is already registered.</exception>
    public static IHttpClientBuilder AddBitsUploadClient(this IServiceCollection services, Action<BitsUploadOptions>? configure = null) =>
        services.AddBitsUploadClient(Options.Options.DefaultName, configure);

    /// <summary>The same, with options from a section of the configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">
    /// The section. Its keys are the names of the options; an unknown key, or a value that is not valid, makes the application fail when it
    /// starts.
    /// </param>
    /// <param name="configure">Sets further options, after the section. Default null.</param>
    /// <returns>Configures the <see cref="HttpClient"/>.</returns>
    /// <exception cref="InvalidOperationException">The default client is already registered.</exception>
    public static IHttpClientBuilder AddBitsUploadClient(
        this IServiceCollection services, IConfiguration section, Action<BitsUploadOptions>? configure = null) =>
        services.AddBitsUploadClient(Options.Options.DefaultName, section, configure);

    /// <summary>Registers a named client: a keyed singleton <see cref="IBitsUploadClient"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name, which is the key of the service and the name of its options.</param>
    /// <param name="configure">Sets the options. Default null: the defaults of <see cref="BitsUploadOptions"/>.</param>
    /// <returns>Configures the <see cref="HttpClient"/>.</returns>
    /// <exception cref="InvalidOperationException">A client of this name is already registered.</exception>
    public static IHttpClientBuilder AddBitsUploadClient(
        this IServiceCollection services, string name, Action<BitsUploadOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        return ClientRegistration.Add(services, name, configure);
    }

    /// <summary>Registers a named client with options from a section of the configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name, which is the key of the service and the name of its options.</param>
    /// <param name="section">The section, whose keys are the names of the options.</param>
    /// <param name="configure">Sets further options, after the section. Default null.</param>
    /// <returns>Configures the <see cref="HttpClient"/>.</returns>
    /// <exception cref="InvalidOperationException">A client of this name is already registered.</exception>
    public static IHttpClientBuilder AddBitsUploadClient(
        this IServiceCollection services, string name, IConfiguration section, Action<BitsUploadOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(section);
        IHttpClientBuilder builder = ClientRegistration.Add(services, name, options =>
        {
            OptionSection.Apply(section, options);
            configure?.Invoke(options);
        });
        services.AddSingleton<IValidateOptions<BitsUploadOptions>>(new OptionSectionValidation(name, section));
        return builder;
    }

    /// <summary>
    /// Registers <see cref="BitsUploadWorker"/> as a hosted service, which uploads files in the background and resumes them after a
    /// restart. It needs a checkpoint store.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options. Default null: the defaults of <see cref="BitsUploadWorkerOptions"/>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddBitsUploadWorker(
        this IServiceCollection services, Action<BitsUploadWorkerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<BitsUploadWorkerOptions> options = services.AddOptions<BitsUploadWorkerOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BitsUploadWorkerOptions>, WorkerOptionsValidation>());
        services.TryAddSingleton<BitsUploadWorker>();
        services.AddHostedService(static provider => provider.GetRequiredService<BitsUploadWorker>());
        return services;
    }
}
