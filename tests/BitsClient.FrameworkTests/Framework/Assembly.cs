using System.Diagnostics.CodeAnalysis;

// What TimeLimitAttribute does on .NET: NUnit 3 applies no wrapper to an assembly, but can end a thread on .NET Framework.
[assembly: Timeout(30_000)]

/// <summary>Mono adds a thread to its pool only every half second, and many tests hold one up.</summary>
[SetUpFixture]
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "It is for all namespaces.")]
public sealed class ManyThreads
{
    private const int Count = 50;

    [OneTimeSetUp]
    public void Set() => ThreadPool.SetMinThreads(Count, Count);
}
