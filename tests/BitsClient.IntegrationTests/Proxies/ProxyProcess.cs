using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace BitsClient.IntegrationTests.Proxies;

/// <summary>nginx or haproxy as a process of its own on a free loopback port, with a folder of its own. Disposing ends it.</summary>
internal sealed class ProxyProcess : IDisposable
{
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/usr/local/sbin"];

    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private ProxyProcess(DirectoryInfo folder, Process process, Uri address)
    {
        (_folder, _process) = (folder, process);
        Address = address;
    }

    /// <summary>Where it listens, soon after its start.</summary>
    public Uri Address { get; }

    /// <summary>Skips the test where there is no such proxy.</summary>
    public static void Require(string name)
    {
        if (Find(name) is null)
        {
            Assert.Ignore($"There is no {name} on this machine.");
        }
    }

    /// <summary>Starts a proxy.</summary>
    /// <param name="name">Its program: nginx or haproxy.</param>
    /// <param name="upstreams">What it stands in front of; several are asked in turn.</param>
    /// <param name="setting">A line for its configuration, where an upload's location or frontend is described.</param>
    public static ProxyProcess Start(string name, IReadOnlyList<Uri> upstreams, string setting = "")
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bitsclient-");
        int port = FreePort();
        string configuration = Path.Combine(folder.FullName, "proxy.conf");
        File.WriteAllText(configuration, name is "nginx" ? Nginx(folder.FullName, port, upstreams, setting) : Haproxy(port, upstreams, setting));
        string[] arguments = name is "nginx"
            ? ["-p", folder.FullName, "-e", "error.log", "-c", configuration]
            : ["-db", "-f", configuration];
        return new ProxyProcess(folder, Process.Start(new ProcessStartInfo(Find(name)!, arguments))!, new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>A port that nobody listens on, for somebody who has to be told of it before he starts.</summary>
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
