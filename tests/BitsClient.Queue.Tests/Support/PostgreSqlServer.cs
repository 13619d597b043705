using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace BitsClient.Queue.Tests.Support;

/// <summary>
/// A PostgreSQL of its own on the loopback address, in a temporary folder, with the programs of Debian's package. It is ended by its
/// process id.
/// </summary>
public sealed class PostgreSqlServer : IDisposable
{
    private const string RunUser = "/usr/sbin/runuser";

    private static readonly string? Programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            .LastOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")))
        : null;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitsclient-postgresql-");
    private readonly int _port = FreePort();
    private Process? _process;

    private PostgreSqlServer()
    {
    }

    /// <summary>Why there is none on this machine; null if there is.</summary>
    public static string? Lack { get; } =
        Programs is null ? "PostgreSQL is not installed."
        : Environment.IsPrivilegedProcess && !File.Exists(RunUser) ? "PostgreSQL does not run as root, and there is no runuser."
        : null;

    public string ConnectionString =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;Timeout=5;Maximum Pool Size=20";

    public static async Task<PostgreSqlServer> StartAsync()
    {
        PostgreSqlServer server = new();
        try
        {
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync("/usr/bin/chown", "nobody", server._folder.FullName);
            }

            await RunProgramAsync(
                "initdb", "--pgdata", server.Data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-sync",
                "--locale", "C");
            await server.BeginAsync();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Starts it again after <see cref="StopAsync"/>.</summary>
    public async Task BeginAsync()
    {
        _process = Start(
            "postgres", "-D", Data, "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c",
            "max_connections=100");
        Stopwatch since = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using NpgsqlConnection connection = new(ConnectionString + ";Pooling=false");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (since.Elapsed < StartLimit && !_process.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Stops it at once, as a crash does; it recovers when it begins again.</summary>
    public async Task StopAsync()
    {
        await RunProgramAsync("pg_ctl", "stop", "--pgdata", Data, "--mode", "immediate", "--silent");
        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false } running)
        {
            running.Kill(entireProcessTree: true);
            running.WaitForExit();
        }

        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private string Data => Path.Combine(_folder.FullName, "data");

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Start(string program, params string[] arguments)
    {
        string path = Path.Combine(Programs!, program);
        return Environment.IsPrivilegedProcess
            ? StartProcess(RunUser, ["-u", "nobody", "--", path, .. arguments])
            : StartProcess(path, arguments);
    }

    private static async Task RunProgramAsync(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        await EndAsync(process, program);
    }

    private static async Task RunAsync(string path, params string[] arguments)
    {
        using Process process = StartProcess(path, arguments);
        await EndAsync(process, path);
    }

    private static async Task EndAsync(Process process, string name)
    {
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{name} ended with {process.ExitCode}.");
        }
    }

    // Its output goes where nobody reads it, so that it never waits for a reader.
    private static Process StartProcess(string path, string[] arguments)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", path, .. arguments])
        {
            WorkingDirectory = "/",
            Environment = { ["LC_ALL"] = "C" },
        };
        return Process.Start(start)!;
    }
}
