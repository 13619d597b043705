namespace BitsClient.Tests.Content;

/// <summary>Whether a source is still the one that its checkpoint describes, as far as can be said without reading it.</summary>
public sealed class SourceFingerprintTests
{
    private static readonly BitsSourceFingerprint Known = new() { Name = "f.bin", Length = 100, LastWriteTime = DateTimeOffset.UnixEpoch };
    private static readonly BitsSourceFingerprint Touched = Known with { LastWriteTime = DateTimeOffset.UnixEpoch.AddSeconds(1) };

    [TestCase(0, 0, true, Description = "no byte is in the hash, so the time decides")]
    [TestCase(50, 100, true)]
    [TestCase(100, 100, false, Description = "the hash of all that was sent decides")]
    public void Another_time_is_a_difference_unless_the_hash_has_all_that_was_sent(long hashed, long sent, bool differs) =>
        Assert.That((Known with { PrefixLength = hashed }).DifferenceOf(Touched, sent, mayGrow: false) is not null, Is.EqualTo(differs));

    [TestCase(0, 0, false, Description = "nothing was sent, so nothing can be wrong")]
    [TestCase(0, 1, true)]
    [TestCase(1, 1, false)]
    public void A_source_that_may_grow_needs_the_hash_of_all_that_was_sent(long hashed, long sent, bool differs) =>
        Assert.That((Known with { PrefixLength = hashed }).DifferenceOf(Known, sent, mayGrow: true) is not null, Is.EqualTo(differs));
}
