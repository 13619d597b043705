#if NETSTANDARD
namespace BitsClient;

/// <summary>A set of values to look for, as in .NET 8.</summary>
internal sealed class SearchValues<T>(T[] values)
    where T : IEquatable<T>
{
    public bool Contains(T value) => Array.IndexOf(values, value) >= 0;
}

internal static class SearchValues
{
    public static SearchValues<byte> Create(ReadOnlySpan<byte> values) => new(values.ToArray());
}
#endif
