using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.NUnit;

namespace BitsClient.Cli.Tests.Architecture;

/// <summary>A folder is a layer: the dependencies between the tool's inner folders have no cycles.</summary>
public sealed class LayerTests
{
    [Test]
    public void No_two_folders_use_each_other()
    {
        ArchUnitNET.Domain.Architecture tool = new ArchLoader().LoadAssemblies(typeof(CommandLine).Assembly).Build();
        Assert.That(
            tool.Types.Select(type => type.Namespace.FullName),
            Has.Some.EqualTo("BitsClient.Cli.Commands").And.Some.EqualTo("BitsClient.Cli.Output"));
        SliceRuleDefinition.Slices().Matching("BitsClient.Cli.(*)").Should().BeFreeOfCycles().Check(tool);
    }
}
