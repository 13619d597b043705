#if NET10_0_OR_GREATER
using System.Runtime.InteropServices;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>The portable tool where only .NET is installed, in a copy of it.</summary>
[Platform(Exclude = "Win", Reason = "The program that starts .NET has another name there.")]
internal sealed class WithoutAspNetCoreTests
{
    private DirectoryInfo _folder = null!;
    private ToolRig _rig = null!;

    [SetUp]
    public async Task CopyDotNet()
    {
        _rig = await ToolRig.StartAsync();
        _folder = Directory.CreateTempSubdirectory("bitsclient-dotnet-");

        // <root>/shared/Microsoft.NETCore.App/10.0.0/
        string runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        string root = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        Copy(runtime, Path.Combine(_folder.FullName, Path.GetRelativePath(root, runtime)));
        Copy(Path.Combine(root, "host"), Path.Combine(_folder.FullName, "host"));
        File.Copy(Path.Combine(root, "dotnet"), Path.Combine(_folder.FullName, "dotnet"));
    }

    [TearDown]
    public async Task Delete()
    {
        await _rig.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task The_tool_uploads_but_serve_says_what_to_install()
    {
        ToolRun upload = await RunAsync("upload", _rig.File("a.bin", 1000), _rig.Url("a.bin"));
        ToolRun list = await RunAsync("list", "--state", _rig.Folder("state"));
        ToolRun serve = await RunAsync("serve", _rig.Folder("served"));
        ToolRun demo = await RunAsync("demo");

        Assert.That((upload.ExitCode, list.ExitCode), Is.EqualTo((0, 0)), upload.Error + list.Error);
        await _rig.AssertArrivedAsync("a.bin");
        Assert.That(serve.ExitCode, Is.Not.Zero);
        Assert.That(serve.Error, Does.Contain("Microsoft.AspNetCore.App").And.Contain("https://aka.ms/dotnet"));
        Assert.That(demo.Error, Does.Contain("Microsoft.AspNetCore.App"));
    }

    private async Task<ToolRun> RunAsync(params string[] arguments)
    {
        string[] tool = ToolCommand.Of(ToolBuild.Portable);
        string[] command = [Path.Combine(_folder.FullName, "dotnet"), .. tool[1..], .. arguments];
        using ToolProcess process = ToolProcess.StartProgram(["env", $"DOTNET_ROOT={_folder.FullName}", .. command]);
        return await process.EndAsync();
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
#endif
