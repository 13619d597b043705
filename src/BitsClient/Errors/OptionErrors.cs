using static System.FormattableString;

namespace BitsClient.Errors;

/// <summary>Collects what is wrong with a set of options, so that one exception lists all of it.</summary>
internal sealed class OptionErrors
{
    private readonly List<string> _messages = [];

    /// <summary>What is wrong, one sentence for each option.</summary>
    public IReadOnlyList<string> Messages => _messages;

    /// <summary>Adds an error unless the rule holds.</summary>
    /// <param name="holds">Whether the value is valid.</param>
    /// <param name="name">The option.</param>
    /// <param name="value">Its value.</param>
    /// <param name="rule">The rule, as the end of "it must be ...".</param>
    public void Require(bool holds, string name, object? value, string rule)
    {
        if (!holds)
        {
            _messages.Add(Invariant($"{name} is {value}; it must be {rule}."));
        }
    }

    /// <summary>Adds an error unless the time is more than zero and at most the maximum.</summary>
    public void RequireTime(TimeSpan time, string name, TimeSpan maximum) =>
        Require(time > TimeSpan.Zero && time <= maximum, name, time, $"more than zero and at most {maximum}");

    /// <summary>Adds an error unless the value is one of the enumeration's.</summary>
    public void RequireDefined<T>(T value, string name)
        where T : struct, Enum => Require(Enum.IsDefined(value), name, value, $"one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <exception cref="ArgumentException">There is an error; the message lists all of them.</exception>
    public void ThrowIfAny(string parameterName)
    {
        if (_messages.Count > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, _messages), parameterName);
        }
    }
}
