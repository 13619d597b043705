#if NETSTANDARD
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text;

namespace BitsClient;

/// <summary>Members of basic types that .NET Standard 2.0 lacks.</summary>
internal static class BaseExtensions
{
    extension(string)
    {
        public static string Create(
            IFormatProvider provider, [InterpolatedStringHandlerArgument(nameof(provider))] ref DefaultInterpolatedStringHandler handler) =>
            handler.ToStringAndClear();
    }

    extension(StringBuilder builder)
    {
        public StringBuilder Append(IFormatProvider provider, FormattableString text) => builder.Append(text.ToString(provider));
    }

    extension(Enum)
    {
        public static string? GetName<T>(T value)
            where T : struct, Enum => Enum.GetName(typeof(T), value);
    }

    extension(Math)
    {
        /// <param name="x">A positive number.</param>
        public static double BitDecrement(double x) => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(x) - 1);
    }

    extension(TimeSpan)
    {
        public static double operator /(TimeSpan dividend, TimeSpan divisor) => dividend.Ticks / (double)divisor.Ticks;
    }

    extension(ExceptionDispatchInfo)
    {
        public static void Throw(Exception source) => ExceptionDispatchInfo.Capture(source).Throw();
    }
}
#endif
