using BitsClient.Cli.Output;

namespace BitsClient.Cli.Tests.Output;

/// <summary>Text from servers and file names cannot break a line or send control sequences to a terminal.</summary>
public sealed class OneLineTests
{
    [TestCase('\n')]
    [TestCase('\r')]
    [TestCase('\t')]
    [TestCase('\v')]
    [TestCase('\f')]
    [TestCase('\0')]
    [TestCase('\u001b', TestName = "Escape_becomes_a_space")]
    [TestCase('\u007f', TestName = "Delete_becomes_a_space")]
    [TestCase('\u0085', TestName = "Next_line_becomes_a_space")]
    [TestCase('\u009b', TestName = "The_control_sequence_introducer_becomes_a_space")]
    [TestCase('\u2028', TestName = "The_line_separator_becomes_a_space")]
    [TestCase('\u2029', TestName = "The_paragraph_separator_becomes_a_space")]
    public void A_line_break_or_control_character_becomes_a_space(char control) =>
        Assert.That(OneLine.Of($"a{control}b"), Is.EqualTo("a b"));

    [TestCase("a\r\nb", "a b")]
    [TestCase("a\r\n\u2028\u001b\tb", "a b")]
    [TestCase("a\nb\nc", "a b c")]
    public void Consecutive_control_characters_become_one_space(string text, string line) =>
        Assert.That(OneLine.Of(text), Is.EqualTo(line));

    [TestCase("\u001b[31mred", "[31mred")]
    [TestCase("text\n", "text")]
    [TestCase(" \n text \n ", "text")]
    public void Control_characters_and_spaces_at_the_ends_are_removed(string text, string line) =>
        Assert.That(OneLine.Of(text), Is.EqualTo(line));

    [TestCase("")]
    [TestCase("in/a  b.bin")]
    [TestCase("Überweisung – 報告.zip")]
    public void Other_text_is_unchanged(string text) => Assert.That(OneLine.Of(text), Is.EqualTo(text));
}
