using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace BitsClient.IntegrationTests.Proxies;

/// <summary>nginx or haproxy as a process on a free loopback port, with its own folder. Disposing ends the process.</summary>
internal sealed class ProxyProcess : IDisposable
{
    private static readonly string[] Folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/usr/local/sbin"];

    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private ProxyProcess(DirectoryInfo folder, Process process, Uri address)
    {
        (_folder, _process) = (folder, process);
        Address = address;
    }

    /// <summary>The URL of the proxy. It listens shortly after <see cref="Start"/> has returned.</summary>
    public Uri Address { get; }

    /// <summary>Skips the test if the proxy is not installed.</summary>
    public static void Require(string name)
    {
        if (Find(name) is null)
        {
            Assert.Ignore($"{name} is not installed on this machine.");
        }
    }

    /// <summary>Starts a proxy.</summary>
    /// <param name="name">The program: nginx or haproxy.</param>
    /// <param name="upstreams">The servers behind the proxy, which distributes requests round-robin.</param>
    /// <param name="setting">A line to add to the 'server' section of nginx or to the 'defaults' section of haproxy.</param>
    public static ProxyProcess Start(string name, IReadOnlyList<Uri> upstreams, string setting = "")
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bitsclient-");
        int port = FreePort();
        string configuration = Path.Combine(folder.FullName, "proxy.conf");
        string text = name is "nginx" ? Nginx(folder.FullName, port, upstreams, setting) : Haproxy(port, upstreams, setting);
        File.WriteAllText(configuration, text);
        string[] arguments = name is "nginx"
            ? ["-p", folder.FullName, "-e", "error.log", "-c", configuration]
            : ["-db", "-f", configuration];
        return new ProxyProcess(folder, Process.Start(new ProcessStartInfo(Find(name)!, arguments))!, new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>Returns a free port, for a process that needs its port number before it starts.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string? Find(string name) => Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static string Nginx(string folder, int port, IReadOnlyList<Uri> upstreams, string setting) => $$"""
        daemon off;
        master_process off;
        pid {{folder}}/nginx.pid;
        events { worker_connections 64; }
        http {
            access_log off;
            client_body_temp_path {{folder}}/body;
            proxy_temp_path {{folder}}/proxy;
            fastcgi_temp_path {{folder}}/fastcgi;
            uwsgi_temp_path {{folder}}/uwsgi;
            scgi_temp_path {{folder}}/scgi;
            upstream nodes {
                {{string.Concat(upstreams.Select(upstream => $"server {upstream.Authority}; "))}}
            }
            server {
                listen 127.0.0.1:{{port}};
                {{setting}}
                location / {
                    proxy_pass http://nodes;
                    proxy_http_version 1.1;
                }
            }
        }

        """;

    private static string Haproxy(int port, IReadOnlyList<Uri> upstreams, string setting) => $"""
        global
            maxconn 64
        defaults
            mode http
            timeout connect 5s
            timeout client 30s
            timeout server 30s
            option abortonclose
            {setting}
        listen bits
            bind 127.0.0.1:{port}
            {string.Join("\n    ", upstreams.Select((upstream, i) => $"server node{i} {upstream.Authority}"))}

        """;
}
