using System.Globalization;
using System.Net;
using BitsClient.Machine;

namespace BitsClient.Tests.Properties;

/// <summary>Makes random answers: some are valid, most of them have something wrong.</summary>
internal sealed class AckFuzz(Random random)
{
    private static readonly string[] Names =
    [
        "BITS-Packet-Type", "BITS-Session-Id", "BITS-Protocol", "BITS-Received-Content-Range", "BITS-Recieved-Content-Range",
        "BITS-Error-Code", "BITS-Error", "BITS-Error-Context", "Retry-After", "WWW-Authenticate", "Proxy-Authenticate", "Location",
    ];

    private static readonly int[] Statuses =
        [200, 200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 407, 408, 409, 413, 416, 416, 429, 500, 500, 501, 503];

    private static readonly string[] Codes =
        ["0x8020001F", "8020001f", "0x80200020", "x80070057", "0x80070070", "ff", "", "0x", "0x1FFFFFFFF", "x", "-1", "0x7", "0x5"];

    private static readonly string[] OddNumbers =
    [
        "-1", "+1", "0x10", "1e3", "1,000", "1.0", "1_0", "0-9/30", "bytes 0-9/30", "none", "", " ", "NaN", "٣", "９",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "00000000000000000000000000000001", "4294967296",
        "2147483648", "1, 1", "1;1", "\"1\"",
    ];

    /// <summary>An answer for an upload in this state; its status may be invalid.</summary>
    public HttpResponseMessage Answer(UploadState state)
    {
        int status = random.Next(10) switch
        {
            0 => random.Next(100, 600),
            1 => random.Next(0, 1000),
            _ => Statuses[random.Next(Statuses.Length)],
        };
        HttpResponseMessage response = new((HttpStatusCode)status);
        bool isTame = random.Next(4) == 0;
        foreach (string name in Names)
        {
            if (!isTame && random.Next(8) == 0)
            {
                Add(response, name, Mutated(Value(name, state)));
            }
            else if (random.Next(name is "BITS-Packet-Type" or "BITS-Session-Id" or "BITS-Received-Content-Range" ? 10 : 2) != 0)
            {
                Add(response, name, Value(name, state));
            }

            if (!isTame && random.Next(20) == 0)
            {
                Add(response, name, Value(name, state));
            }
        }

        return response;
    }

    private static void Add(HttpResponseMessage response, string name, string value) =>
        response.Headers.TryAddWithoutValidation(name, value);

    private string Value(string name, UploadState state) => name switch
    {
        "BITS-Packet-Type" => random.Next(20) == 0 ? "ACK" : "Ack",
        "BITS-Session-Id" => $"{{{random.Next(3)}}}",
        "BITS-Protocol" => random.Next(20) == 0 ? "{00000000-0000-0000-0000-000000000000}" : "{7DF0354D-249B-430F-820D-3D2A9BEF4931}",
        "BITS-Received-Content-Range" or "BITS-Recieved-Content-Range" => Number(state),
        "BITS-Error-Code" or "BITS-Error" or "BITS-Error-Context" => Codes[random.Next(Codes.Length)],
        "Retry-After" => random.Next(3) switch
        {
            0 => random.Next().ToString(CultureInfo.InvariantCulture),
            1 => DateTimeOffset.UnixEpoch.AddSeconds(random.NextInt64(-60_000_000_000, 250_000_000_000))
                .ToString("R", CultureInfo.InvariantCulture),
            _ => Number(state),
        },
        "WWW-Authenticate" or "Proxy-Authenticate" => random.Next(3) switch
        {
            0 => "Negotiate",
            1 => "Basic realm=\"a, b\"",
            _ => "Digest qop=auth, nonce=\"x\"",
        },
        _ => random.Next(2) == 0 ? "http://elsewhere/?a=b" : "\\\\elsewhere\\share",
    };

    private string Number(UploadState state) => random.Next(6) switch
    {
        0 => OddNumbers[random.Next(OddNumbers.Length)],
        1 => random.NextInt64(-5, state.Total + 5).ToString(CultureInfo.InvariantCulture),
        2 => state.Offset.ToString(CultureInfo.InvariantCulture),
        _ => random.NextInt64(state.Offset, (state.Session?.HighestSent ?? 0) + 1).ToString(CultureInfo.InvariantCulture),
    };

    private string Mutated(string value)
    {
        int at = random.Next(value.Length + 1);
        return random.Next(7) switch
        {
            0 => "",
            1 => Garbage(random.Next(1, 40)),
            2 when random.Next(10) == 0 => Garbage(random.Next(65_536)),
            3 when random.Next(10) == 0 => new string((char)random.Next(' ', 0x7F), random.Next(65_536)),
            4 => value[..at],
            5 => $"{value[..at]}{Garbage(1)}{value[at..]}",
            _ => $" \t{value}\t ",
        };
    }

    // Control characters, ASCII, Latin-1 and everything else, with equal probability.
    private string Garbage(int length) => string.Create(length, random, static (text, random) =>
    {
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (char)(random.Next(4) switch
            {
                0 => random.Next(0x20),
                1 => random.Next(0x20, 0x7F),
                2 => random.Next(0x7F, 0x100),
                _ => random.Next(0x10000),
            });
        }
    });
}
