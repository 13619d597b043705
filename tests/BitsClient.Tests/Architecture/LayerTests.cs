using ArchUnitNET.Domain;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.NUnit;
using BitsClient.Queue;
using BitsClient.Testing;

namespace BitsClient.Tests.Architecture;

/// <summary>
/// A folder is a layer: the dependencies between inner folders have no cycles, and the rules of the protocol stay pure
/// (docs/architecture.md).
/// </summary>
public sealed class LayerTests
{
    private static readonly string[] Impure =
    [
        "System.Net.Http.HttpClient", "System.TimeProvider", "System.Diagnostics.Stopwatch", "Microsoft.Extensions.Logging.", "Polly.",
        "System.Threading.", "System.IO.Stream", "System.IO.File",
    ];

    [TestCase(typeof(BitsUploadClient), "BitsClient.(*)")]
    [TestCase(typeof(BitsTestServer), "BitsClient.Testing.(*)")]
    [TestCase(typeof(IBitsUploadQueue), "BitsClient.Queue.(*)")]
    public void No_two_folders_use_each_other(System.Type type, string folders) =>
        SliceRuleDefinition.Slices().Matching(folders).Should().BeFreeOfCycles().Check(Load(type.Assembly));

    [TestCase("BitsClient.Machine")]
    [TestCase("BitsClient.Protocol")]
    public void The_machine_and_the_protocol_know_no_client_clock_log_retry_or_thread(string folder)
    {
        IType[] types = [.. Load(typeof(BitsUploadClient).Assembly).Types.Where(type => type.Namespace.FullName == folder)];
        IEnumerable<string> impure =
            from type in types
            from dependency in type.Dependencies
            where Impure.Any(name => dependency.Target.FullName.StartsWith(name, StringComparison.Ordinal))
            select $"{type.Name} uses {dependency.Target.FullName}";
        Assert.That(types, Is.Not.Empty);
        Assert.That(impure.Distinct(), Is.Empty);
    }

    private static ArchUnitNET.Domain.Architecture Load(System.Reflection.Assembly assembly) =>
        new ArchLoader().LoadAssemblies(assembly).Build();
}
