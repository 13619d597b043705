#if NETSTANDARD
global using AsyncMethodBuilderAttribute = BitsClient.PooledStateAttribute;

namespace BitsClient;

/// <summary>Nothing: before .NET 6, the state of an asynchronous method cannot be reused by its next call.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PooledStateAttribute(Type builder) : Attribute
{
    public Type Builder => builder;
}

/// <summary>Only its name is needed.</summary>
internal static class PoolingAsyncValueTaskMethodBuilder<T>;
#endif
