using System.Net.Sockets;

namespace BitsClient;

/// <summary>Members that the tests use and .NET Framework lacks.</summary>
internal static class FrameworkExtensions
{
    extension(TimeSpan)
    {
        public static TimeSpan operator *(TimeSpan time, double factor) => TimeSpan.FromTicks((long)Math.Round(time.Ticks * factor));

        public static TimeSpan operator *(double factor, TimeSpan time) => time * factor;

        public static TimeSpan operator /(TimeSpan time, double divisor) => TimeSpan.FromTicks((long)Math.Round(time.Ticks / divisor));
    }

    extension(DateTimeOffset)
    {
        public static DateTimeOffset UnixEpoch => DateTimeOffset.FromUnixTimeSeconds(0);
    }

    extension(ValueTask)
    {
        public static ValueTask FromException(Exception e) => new(Task.FromException(e));
    }

    extension(Environment)
    {
        public static bool IsPrivilegedProcess => Environment.UserName == "root";
    }

    extension(Convert)
    {
        public static string ToBase64String(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes.ToArray());
    }

    extension(string text)
    {
        public string Replace(string old, string replacement, StringComparison comparison) => comparison is StringComparison.Ordinal
            ? text.Replace(old, replacement)
            : throw new NotSupportedException();
    }

    extension(TcpListener listener)
    {
        public async Task<TcpClient> AcceptTcpClientAsync(CancellationToken cancellationToken) =>
            await listener.AcceptTcpClientAsync().WaitAsync(cancellationToken);
    }

    extension(ReadOnlySpan<char> text)
    {
        public bool ContainsAny(SearchValues<char> values)
        {
            foreach (char c in text)
            {
                if (values.Contains(c))
                {
                    return true;
                }
            }

            return false;
        }
    }

    extension(SearchValues)
    {
        public static SearchValues<char> Create(string values) => new(values.ToCharArray());
    }
}

/// <summary>A content of bytes in memory, as in .NET 5.</summary>
internal sealed class ReadOnlyMemoryContent(ReadOnlyMemory<byte> bytes) : ByteArrayContent(bytes.ToArray());
