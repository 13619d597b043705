using System.IO.Compression;
using BitsClient.IntegrationTests.Cli;
using BitsClient.PowerShell.Tests.Support;
using BitsClient.Tests;
using BitsClient.Tests.Support;

namespace BitsClient.PowerShell.Tests;

[TimeLimit(400)]
internal sealed class PackageTests : PowerShellTest
{
    [Test]
    public async Task The_package_installs_from_a_repository_of_PowerShell()
    {
        string feed = Rig.Folder("feed");
        string configuration = Path.GetFileName(PowerShellProgram.Modules);
        string[] command =
        [
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", "pack", Repository.PathOf("src", "BitsClient.PowerShell"),
            "--no-build", "--configuration", configuration, "--output", feed, $"-p:NuspecOutputPath={Rig.PathOf("nuspec")}",
            "-maxCpuCount:1",
        ];
        using ToolProcess packing = ToolProcess.StartProgram(command, TimeSpan.FromMinutes(4));
        ToolRun packed = await packing.EndAsync();
        Assert.That(packed.ExitCode, Is.Zero, packed.Output);

        await using (ZipArchive package = await ZipFile.OpenReadAsync(Directory.GetFiles(feed, "*.nupkg").Single()))
        {
            string[] files = [.. package.Entries.Select(entry => entry.FullName)];
            string[] expected =
            [
                "BitsClient.PowerShell.psd1", "BitsClient.PowerShell.dll", "dependencies/BitsClient.dll",
                "en-US/BitsClient.PowerShell.dll-Help.xml", "README.md", "docs/powershell.md",
            ];
            Assert.That(files, Is.SupersetOf(expected));
            Assert.That(files, Has.None.StartWith("lib/").And.None.Contain("System.Management.Automation"));
        }

        Rig.Folder("installed");
        Rig.File("a.bin", 100);
        string[] lines = await RunAloneAsync(
            """
            $ProgressPreference = 'SilentlyContinue'
            $env:PSModulePath = "$PSHOME/Modules"
            Register-PSResourceRepository -Name built -Uri "$PWD/feed" -Trusted
            Save-PSResource BitsClient.PowerShell -Repository built -Path "$PWD/installed"
            Import-Module (Get-ChildItem installed -Recurse -Filter *.psd1).FullName
            Send-BitsFile a.bin $url
            (Get-Command Send-BitsFile).Version.ToString()
            """);
        Assert.That(lines, Has.Length.EqualTo(1));
        await Rig.AssertArrivedAsync("a.bin");
    }
}
