using System.Security.Cryptography;
using System.Text;

namespace BitsClient.Tests;

/// <summary>The library's SHA-256 for .NET Standard 2.0.</summary>
public sealed class IncrementalHashTests
{
    private const int LongestRandom = 300;

    // The examples of NIST for SHA-256 ("Examples with Intermediate Values"), and the empty message.
    [TestCase("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [TestCase("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [TestCase(
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    [TestCase("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")]
    public void It_gives_the_values_of_NIST(string text, int times, string expected)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        for (int i = 0; i < times; i++)
        {
            hash.AppendData(bytes);
        }

        Assert.That(Convert.ToHexString(hash.GetCurrentHash()).ToLowerInvariant(), Is.EqualTo(expected));
    }

    [Test]
    public void It_can_be_read_after_each_append_whatever_its_length()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using SHA256 whole = SHA256.Create();
        Random random = new(1);
        List<byte> all = [];
        for (int length = 0; length < LongestRandom; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            hash.AppendData(bytes);
            all.AddRange(bytes);
            Assert.That(hash.GetCurrentHash(), Is.EqualTo(whole.ComputeHash([.. all])), $"{all.Count} bytes");
        }
    }

    [Test]
    public void There_is_no_other_algorithm() =>
        Assert.That(() => IncrementalHash.CreateHash(HashAlgorithmName.SHA1), Throws.TypeOf<ArgumentOutOfRangeException>());
}
