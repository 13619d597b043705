namespace BitsClient.IntegrationTests.Cli;

/// <summary>The two builds of the tool.</summary>
internal enum ToolBuild
{
    /// <summary>The build that runs wherever .NET is installed.</summary>
    Portable,

    /// <summary>The build that is compiled natively for this machine.</summary>
    Native,
}
