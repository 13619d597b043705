#if NET10_0_OR_GREATER
using System.IO.Compression;
using System.Xml.Linq;
using BitsClient.Testing;
using BitsClient.Tests;
using BitsClient.Tests.Support;

namespace BitsClient.IntegrationTests.Packages;

/// <summary>
/// Packs the built projects, inspects the packages, and uses them in a new project outside of this checkout.
/// </summary>
/// <remarks>Requires that all target frameworks of the packages are built, as <c>dotnet test</c> at the root does.</remarks>
[FixtureLifeCycle(LifeCycle.SingleInstance), TimeLimit(600)]
public sealed class PackageTests
{
    // The program of a new project that uses the packages.
    private const string Program = """
        using BitsClient;
        using BitsClient.Testing;

        using BitsTestServer server = new();
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using HttpClient http = new();
        BitsUploadClient client = new(http);
        string file = Path.Combine(AppContext.BaseDirectory, "app.dll");

        BitsUploadResult result = await client.UploadFileAsync(file, new Uri(host.BaseAddress, "first.bin"));
        bool same = server.GetFile("/first.bin").AsSpan().SequenceEqual(File.ReadAllBytes(file));
        Console.WriteLine($"uploaded: {same && result.BytesTransferred == new FileInfo(file).Length}");

        using CancellationTokenSource cancel = new();
        BitsGate gate = server.HoldAck(BitsPacketNames.CreateSession);
        Uri second = new(host.BaseAddress, "second.bin");
        Task<BitsUploadResult> running = client.UploadFileAsync(file, second, cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        cancel.Cancel();
        gate.Release();
        try
        {
            await running;
        }
        catch (BitsUploadCanceledException e)
        {
            Console.WriteLine($"canceled: {e.Outcome}, {server.OpenSessionCount} open");
        }
        """;

    // It uploads itself with a checkpoint store, and cancels another upload before its first fragment.
    private const string PublishedProgram = """
        using BitsClient;
        using Microsoft.Extensions.Configuration;
        using Microsoft.Extensions.DependencyInjection;

        using CancellationTokenSource cancel = new();
        bool cancels = false;
        IConfiguration section = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ComputeSha256", "true"), new("HostIdPolicy", "Ignore"), new("Retry:MaxRetries", "3")])
            .Build();
        ServiceCollection services = new();
        services.AddBitsUploadClient(section, options =>
        {
            options.CheckpointStore = new BitsFileCheckpointStore(args[1]);
            options.PrepareRequest = (request, _) =>
            {
                if (cancels && request.PacketType is BitsPacketType.Fragment)
                {
                    cancel.Cancel();
                }

                return ValueTask.CompletedTask;
            };
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        IBitsUploadClient client = provider.GetRequiredService<IBitsUploadClient>();
        string file = Environment.ProcessPath!;
        BitsUploadResult result = await client.UploadFileAsync(file, new Uri($"{args[0]}first.bin"));
        Console.WriteLine($"uploaded: {result.BytesTransferred == new FileInfo(file).Length}, {result.Sha256?.Length} digits");

        cancels = true;
        try
        {
            await client.UploadFileAsync(file, new Uri($"{args[0]}second.bin"), cancellationToken: cancel.Token);
        }
        catch (BitsUploadCanceledException e)
        {
            Console.WriteLine($"canceled: {e.Outcome}");
        }
        """;

    // A unique version, which is in no cache.
    private static readonly string Version = $"0.1.0-test.{DateTime.UtcNow.Ticks}";

    private DirectoryInfo _folder = null!;
    private string _feed = null!;

    [OneTimeSetUp]
    public async Task Pack()
    {
        _folder = Directory.CreateTempSubdirectory("bitsclient-packages-");
        _feed = Path.Combine(_folder.FullName, "feed");

        // tests/X/bin/Debug/net10.0/
        string configuration = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Parent!.Name;
        string[] projects = ["BitsClient", "BitsClient.DependencyInjection", "BitsClient.Queue", "BitsClient.Testing", "BitsClient.Cli"];
        foreach (string project in projects)
        {
            await DotNet.RunAsync(
                Repository.Root, "pack", $"src/{project}", "--no-build", "--configuration", configuration, "--output", _feed,
                $"-p:Version={Version}", $"-p:NuspecOutputPath={_folder.FullName}");
        }

        // The built packages come from the feed and are restored to a separate folder. Most others are already in this
        // machine's cache; what only a published program needs is downloaded.
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await WriteAsync("nuget.config", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="packages" /></config>
              <fallbackPackageFolders><add key="machine" value="{packages}" /></fallbackPackageFolders>
              <packageSources><add key="built" value="feed" /></packageSources>
            </configuration>
            """);
    }

    [OneTimeTearDown]
    public void Delete() => _folder.Delete(recursive: true);

    [TestCase("BitsClient", "lib/net8.0/BitsClient.xml", "lib/net10.0/BitsClient.xml", "lib/netstandard2.0/BitsClient.xml")]
    [TestCase("BitsClient.Testing", "lib/net8.0/BitsClient.Testing.xml", "lib/net10.0/BitsClient.Testing.xml")]
    [TestCase(
        "BitsClient.DependencyInjection",
        "lib/net8.0/BitsClient.DependencyInjection.xml",
        "lib/netstandard2.0/BitsClient.DependencyInjection.xml")]
    [TestCase("BitsClient.Queue", "lib/net8.0/BitsClient.Queue.xml", "lib/net10.0/BitsClient.Queue.xml")]
    [TestCase("BitsClient.Cli")]
    public void A_package_has_readme_license_documentation_and_symbols(string id, params string[] documentation)
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(_feed, $"{id}.{Version}.nupkg"));
        string[] files = [.. package.Entries.Select(entry => entry.FullName)];
        string[] documents = ["README.md", "docs/options.md", "docs/changelog.md", "docs/decisions/content-name.md"];
        Assert.That(files, Is.SupersetOf(documentation.Concat(documents)));
        using StreamReader readme = new(package.GetEntry("README.md")!.Open());
        string text = readme.ReadToEnd();
        Assert.That(text, Does.StartWith($"# {id}\n"));
        Assert.That(text, Does.Not.Match(@"\]\((?!https://)"), "a gallery has no relative links");

        using Stream nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        XElement metadata = XDocument.Load(nuspec).Root!.Elements().First();
        XElement Element(string name) => metadata.Elements().Single(element => element.Name.LocalName == name);
        IEnumerable<XElement> dependencies = metadata.Descendants().Where(element => element.Name.LocalName == "dependency");
        Assert.That(dependencies.Select(dependency => dependency.Attribute("id")!.Value), Has.None.EqualTo("Polyfill"), "it is source");
        Assert.That(Element("license").Value, Is.EqualTo("MIT"));
        Assert.That(Element("license").Attribute("type")!.Value, Is.EqualTo("expression"));
        Assert.That(Element("readme").Value, Is.EqualTo("README.md"));
        Assert.That(Element("description").Value, Is.Not.Empty);
        Assert.That(Element("tags").Value.Split(' '), Does.Contain("bits").And.Length.GreaterThan(6));
        Assert.That(Element("releaseNotes").Value, Does.Contain("## Unreleased"));

        Assert.That(Path.Combine(_feed, $"{id}.{Version}.snupkg"), Does.Exist);
    }

    [Test]
    public async Task A_new_project_uploads_and_cancels_with_the_packages()
    {
        await WriteAsync("app/app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="BitsClient" Version="[{Version}]" />
                <PackageReference Include="BitsClient.Testing" Version="[{Version}]" />
              </ItemGroup>
            </Project>
            """);
        await WriteAsync("app/Program.cs", Program);
        string app = Path.Combine(_folder.FullName, "app");
        await DotNet.RunAsync(app, "build", "--output", "out");
        string output = await DotNet.RunAsync(app, Path.Combine("out", "app.dll"));
        Assert.That(output.ReplaceLineEndings("\n"), Is.EqualTo("uploaded: True\ncanceled: SessionCanceled, 0 open\n"));
    }

    [TestCase("PublishAot", "net8.0")]
    [TestCase("PublishTrimmed", "net10.0")]
    public async Task A_trimmed_or_natively_compiled_program_uploads_and_cancels(string property, string framework)
    {
        string[] folders = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator);
        bool hasCompiler = folders.Any(folder => File.Exists($"{folder}/clang")) && File.Exists("/usr/include/zlib.h");
        if (property == "PublishAot" && !hasCompiler)
        {
            Assert.Ignore("clang or zlib1g-dev is not installed.");
        }

        await WriteAsync($"{property}/published.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>{framework}</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <SelfContained>true</SelfContained>
                <{property}>true</{property}>
                <TrimmerSingleWarn>false</TrimmerSingleWarn>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="BitsClient.DependencyInjection" Version="[{Version}]" />
              </ItemGroup>
            </Project>
            """);
        await WriteAsync($"{property}/Program.cs", PublishedProgram);
        string project = Path.Combine(_folder.FullName, property);
        await DotNet.RestoreOrIgnoreAsync(project, "--use-current-runtime");
        await DotNet.RunAsync(project, "publish", "--no-restore", "--use-current-runtime", "--output", "out");

        using BitsTestServer server = new();
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        string program = Path.Combine(project, "out", "published");
        string output = await DotNet.RunProgramAsync(project, program, host.BaseAddress.ToString(), Path.Combine(project, "store"));
        Assert.That(output.ReplaceLineEndings("\n"), Is.EqualTo("uploaded: True, 64 digits\ncanceled: SessionCanceled\n"));
        Assert.That(server.GetFile("/first.bin").AsSpan().SequenceEqual(File.ReadAllBytes(program)), Is.True);
        Assert.That(server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task The_tool_installs_and_runs()
    {
        string tools = Path.Combine(_folder.FullName, "tools");
        await DotNet.RunAsync(_folder.FullName, "tool", "install", "BitsClient.Cli", "--version", Version, "--tool-path", tools);
        string version = await DotNet.RunProgramAsync(_folder.FullName, Path.Combine(tools, "bitsclient"), "--version");
        Assert.That(version, Does.StartWith("0.1.0"));
    }

    private async Task WriteAsync(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text);
    }
}
#endif
