using BitsClient.Protocol;

namespace BitsClient.Tests.Protocol;

public sealed class BitsContentNameTests
{
    [TestCase("rfc2119.txt", "rfc2119.txt")]
    [TestCase("my file (1).zip", "my file (1).zip")]
    [TestCase("naïve.txt", "na%C3%AFve.txt")]
    [TestCase("報告.zip", "%E5%A0%B1%E5%91%8A.zip")]
    [TestCase("100%.txt", "100%25.txt")]
    [TestCase("a:b?.txt", "a%3Ab%3F.txt")]
    [TestCase("a\\b/c*d\"e<f>g|h", "a%5Cb%2Fc%2Ad%22e%3Cf%3Eg%7Ch")]
    [TestCase("a\r\nb", "a%0D%0Ab")]
    [TestCase("a\u001Fb\u007Fc~", "a%1Fb%7Fc~")]
    [TestCase("  ", null)]
    [TestCase("", null)]
    public void What_does_not_fit_a_header_is_percent_encoded(string name, string? value) =>
        Assert.That(BitsContentName.Of(name), Is.EqualTo(value));

    [TestCase(260, true)]
    [TestCase(261, false)]
    public void A_name_over_260_characters_is_left_out(int length, bool fits) =>
        Assert.That(BitsContentName.Of(new string('a', length)), fits ? Has.Length.EqualTo(length) : Is.Null);

    [TestCase("a\nb", true)]
    [TestCase("a\u0085b", true)]
    [TestCase("a b", false)]
    public void Control_characters_are_recognized(string name, bool holds) =>
        Assert.That(BitsContentName.ContainsControlCharacter(name), Is.EqualTo(holds));
}
