using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient.DependencyInjection.Registration;

/// <summary>
/// Leaves out the resilience handlers that an application adds to all its clients: the upload retries by itself, and a packet that a
/// handler sends twice may be stored twice. Handlers that are added to the upload client later stay.
/// </summary>
internal static partial class ResilienceHandlers
{
    // Of Microsoft.Extensions.Http.Resilience and Microsoft.Extensions.Http.Polly.
    private static readonly string[] Prefixes =
        ["Microsoft.Extensions.Http.Resilience.", "Microsoft.Extensions.Http.PolicyHttpMessageHandler"];

    public static void Remove(IList<DelegatingHandler> handlers, IServiceProvider provider, string client)
    {
        List<DelegatingHandler> resilience = [.. handlers.Where(IsResilience)];
        foreach (DelegatingHandler handler in resilience)
        {
            handlers.Remove(handler);
        }

        if (resilience.Count > 0)
        {
            ILoggerFactory loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
            LeftOut(loggers.CreateLogger("BitsClient"), client, string.Join(", ", resilience.Select(handler => handler.GetType().Name)));
        }
    }

    private static bool IsResilience(DelegatingHandler handler) =>
        Prefixes.Any(prefix => handler.GetType().FullName!.StartsWith(prefix, StringComparison.Ordinal));

    [LoggerMessage(
        100, LogLevel.Information,
        "The HTTP client {Client} is used without the handlers that all clients have: {Handlers}. An upload retries by itself.")]
    private static partial void LeftOut(ILogger logger, string client, string handlers);
}
