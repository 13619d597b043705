using System.Reflection;
using System.Reflection.Emit;
using System.Xml.Linq;
using BitsClient.PowerShell.Tests.Support;
using BitsClient.Tests.Support;

namespace BitsClient.PowerShell.Tests;

internal sealed class ModuleTests : PowerShellTest
{
    private static readonly string[] Cmdlets =
    [
        "Clear-BitsUpload", "Get-BitsUpload", "Resume-BitsUpload", "Send-BitsFile", "Stop-BitsUpload", "Suspend-BitsUpload",
        "Test-BitsServer",
    ];

    // Those of the module BitsTransfer of Windows.
    private static readonly string[] CmdletsOfWindows =
    [
        "Add-BitsFile", "Complete-BitsTransfer", "Get-BitsTransfer", "Remove-BitsTransfer", "Resume-BitsTransfer", "Set-BitsTransfer",
        "Start-BitsTransfer", "Suspend-BitsTransfer",
    ];

    private static string Module => Path.Combine(PowerShellProgram.Modules, "BitsClient.PowerShell");

    [Test]
    public async Task The_module_is_valid_and_has_the_version_of_the_packages()
    {
        string[] lines = await RunAsync(
            $$"""
            $module = Test-ModuleManifest '{{Path.Combine(Module, "BitsClient.PowerShell.psd1")}}'
            "$($module.Version) $($module.CompatiblePSEditions)"
            (Get-Command -Module BitsClient.PowerShell).Name
            """);

        XDocument properties = XDocument.Load(Repository.PathOf("Directory.Build.props"));
        string version = properties.Descendants("Version").Single().Value;
        Assert.That(lines[0], Is.EqualTo($"{version} Desktop Core"));
        Assert.That(lines[1..], Is.EquivalentTo(Cmdlets));
        Assert.That(Cmdlets.Intersect(CmdletsOfWindows), Is.Empty);
    }

    [Test]
    public void The_folder_has_only_the_module_and_what_it_depends_on()
    {
        string[] files = [.. Directory.GetFiles(Module).Select(file => Path.GetFileName(file))];
        Assert.That(
            files,
            Is.EquivalentTo(
            [
                "BitsClient.PowerShell.dll", "BitsClient.PowerShell.psd1", "BitsClient.PowerShell.Types.ps1xml",
                "BitsClient.PowerShell.Format.ps1xml",
            ]));
        string[] dependencies = [.. Directory.GetFiles(Path.Combine(Module, "dependencies")).Select(file => Path.GetFileName(file))];
        Assert.That(dependencies, Is.SupersetOf(["BitsClient.dll", "Polly.Core.dll"]));
        Assert.That(dependencies, Has.None.StartWith("System.Management").And.None.StartWith("Microsoft.PowerShell"));
    }

    [Test]
    public async Task Every_cmdlet_and_parameter_has_help_and_every_cmdlet_has_examples()
    {
        string[] lines = await RunAsync(
            """
            $common = [System.Management.Automation.Cmdlet]::CommonParameters
            foreach ($command in Get-Command -Module BitsClient.PowerShell) {
                $help = Get-Help $command.Name -Full
                if ($help.Synopsis.Length -lt 10 -or -not $help.description) { "$command has no description" }
                if (-not $help.examples.example) { "$command has no example" }
                $described = @($help.parameters.parameter | Where-Object { $_.description.Text } | ForEach-Object name)
                $actual = @($command.Parameters.Keys | Where-Object { $_ -notin $common })
                Compare-Object $actual $described | ForEach-Object { "$command -$($_.InputObject) $($_.SideIndicator)" }
                foreach ($set in $command.ParameterSets) {
                    $inSet = @($set.Parameters.Name | Where-Object { $_ -notin $common })
                    $syntax = @($help.syntax.syntaxItem | Where-Object { -not (Compare-Object $inSet @($_.parameter.name)) })
                    if ($syntax.Count -ne 1) { "$command has no syntax for the set $($set.Name)" }
                }
                "$command is checked"
            }
            """);
        Assert.That(lines, Is.EquivalentTo(Cmdlets.Select(name => $"{name} is checked")));
    }

    [Test]
    public async Task The_module_works_beside_an_older_version_of_its_dependencies()
    {
        Rig.File("a.bin", 100);
        Array.ForEach(["Microsoft.Extensions.Logging.Abstractions", "Polly.Core", "System.Threading.RateLimiting"], SaveOldVersion);
        string[] lines = await RunAloneAsync(
            """
            foreach ($file in Get-ChildItem *.dll) { [Reflection.Assembly]::LoadFrom($file).FullName }
            Send-BitsFile a.bin $url -MaxBytesPerSecond 1MB
            Import-Module BitsClient.PowerShell -Force
            Send-BitsFile a.bin "${url}b.bin"
            """);
        Assert.That(lines, Has.Length.EqualTo(3).And.All.Match("Version=1.0.0.0, Culture=neutral, PublicKeyToken=[0-9a-f]{16}$"));
        await Rig.AssertArrivedAsync("a.bin");
        Assert.That(Rig.Server.HasFile("/b.bin"), Is.True);
    }

    [Test]
    public async Task An_upload_is_shown_as_a_table_or_a_list()
    {
        Rig.File("a b.bin", 100);
        string[] lines = await RunAsync(
            """
            $upload = Send-BitsFile 'a b.bin' "${url}?sig=secret" -PassThru -Description Nightly
            $upload | Format-Table | Out-String -Width 200
            $upload | Format-List | Out-String -Width 200
            """);
        string[] shown = [.. lines.Where(line => line.Trim().Length > 0)];
        Assert.That(shown[0], Does.Match("^Id +State +% +Source +Destination"));
        Assert.That(shown[2], Does.Match("^[0-9a-f-]{36} Acknowledged +100 a b.bin +http://.*/a%20b.bin"));
        Assert.That(shown, Has.Some.Match("^Destination +: http://.*/a%20b.bin$"));
        Assert.That(shown, Has.Some.Match("^Description +: Nightly"));
        Assert.That(shown, Has.None.Contain("secret"));
        Assert.That(shown, Has.Some.Match("^BytesTransferred +: 100"));
    }

    /// <summary>Saves an empty assembly in the folder of the rig: version 1.0.0.0 of a dependency of the module.</summary>
    private void SaveOldVersion(string name)
    {
        AssemblyName identity = AssemblyName.GetAssemblyName(Path.Combine(Module, "dependencies", $"{name}.dll"));
        identity.Version = new Version(1, 0, 0, 0);
        PersistedAssemblyBuilder assembly = new(identity, typeof(object).Assembly);
        assembly.DefineDynamicModule(name);
        assembly.Save(Rig.PathOf($"{name}.dll"));
    }
}
