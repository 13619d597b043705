#if NETSTANDARD
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace BitsClient;

/// <summary>
/// A SHA-256 that returns intermediate values (FIPS 180-4, section 6.2): that of .NET Standard 2.0 starts over when it is read. Not
/// thread-safe.
/// </summary>
internal sealed class IncrementalHash : IDisposable
{
    private const int BlockSize = 64;

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2).
    private static readonly uint[] K =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    private readonly byte[] _rest = new byte[BlockSize];
    private readonly uint[] _schedule = new uint[BlockSize];
    private uint[] _state =
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    private long _length;

    private IncrementalHash()
    {
    }

    private int RestLength => (int)(_length % BlockSize);

    /// <param name="algorithm">SHA-256, the only one.</param>
    public static IncrementalHash CreateHash(HashAlgorithmName algorithm) => algorithm == HashAlgorithmName.SHA256
        ? new IncrementalHash()
        : throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "Only SHA-256 is supported.");

    public void AppendData(ReadOnlySpan<byte> data)
    {
        int start = RestLength;
        _length += data.Length;
        if (start > 0)
        {
            int missing = Math.Min(BlockSize - start, data.Length);
            data[..missing].CopyTo(_rest.AsSpan(start));
            data = data[missing..];
            if (start + missing < BlockSize)
            {
                return;
            }

            Compress(_rest);
        }

        for (; data.Length >= BlockSize; data = data[BlockSize..])
        {
            Compress(data);
        }

        data.CopyTo(_rest);
    }

    /// <summary>The hash of the data so far, to which more can be appended.</summary>
    public byte[] GetCurrentHash()
    {
        uint[] state = [.. _state];
        Span<byte> end = stackalloc byte[2 * BlockSize];
        end.Clear();
        _rest.AsSpan(0, RestLength).CopyTo(end);
        end[RestLength] = 0x80;
        int length = RestLength < BlockSize - sizeof(long) ? BlockSize : 2 * BlockSize;
        BinaryPrimitives.WriteInt64BigEndian(end[(length - sizeof(long))..], _length * 8);
        for (int at = 0; at < length; at += BlockSize)
        {
            Compress(end[at..]);
        }

        byte[] hash = new byte[32];
        for (int i = 0; i < _state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(i * sizeof(uint)), _state[i]);
        }

        _state = state;
        return hash;
    }

    public void Dispose()
    {
        // There is nothing to release.
    }

    private void Compress(ReadOnlySpan<byte> block)
    {
        FillSchedule(block);
        (uint a, uint b, uint c, uint d) = (_state[0], _state[1], _state[2], _state[3]);
        (uint e, uint f, uint g, uint h) = (_state[4], _state[5], _state[6], _state[7]);
        for (int i = 0; i < BlockSize; i++)
        {
            uint first = h + (Rotate(e, 6) ^ Rotate(e, 11) ^ Rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + _schedule[i];
            uint second = (Rotate(a, 2) ^ Rotate(a, 13) ^ Rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }

        Add(a, b, c, d, 0);
        Add(e, f, g, h, 4);
    }

    private void FillSchedule(ReadOnlySpan<byte> block)
    {
        for (int i = 0; i < 16; i++)
        {
            _schedule[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * sizeof(uint))..]);
        }

        for (int i = 16; i < BlockSize; i++)
        {
            (uint early, uint late) = (_schedule[i - 15], _schedule[i - 2]);
            _schedule[i] = _schedule[i - 16] + (Rotate(early, 7) ^ Rotate(early, 18) ^ (early >> 3))
                + _schedule[i - 7] + (Rotate(late, 17) ^ Rotate(late, 19) ^ (late >> 10));
        }
    }

    private void Add(uint first, uint second, uint third, uint fourth, int at)
    {
        _state[at] += first;
        _state[at + 1] += second;
        _state[at + 2] += third;
        _state[at + 3] += fourth;
    }

    private static uint Rotate(uint value, int bits) => (value >> bits) | (value << (32 - bits));
}
#endif
