using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Xml.Linq;

namespace BitsClient.Tests.Api;

/// <summary>The public surface of an assembly as text: a line for each type and member, sorted.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in Types(assembly))
        {
            text.Append(Heading(type)).Append('\n');
            foreach (string member in Members(type).Select(Line).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>
    /// The types and members without an entry in the XML file next to the assembly. Members that the compiler generates do not count.
    /// </summary>
    public static IEnumerable<string> Undocumented(Assembly assembly)
    {
        HashSet<string> documented =
        [
            .. XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"))
                .Descendants("member")
                .Select(member => (string)member.Attribute("name")!),
        ];
        foreach (Type type in Types(assembly))
        {
            string name = type.FullName!.Replace('+', '.');
            if (!documented.Contains($"T:{name}"))
            {
                yield return name;
            }

            foreach (MemberInfo member in Members(type).Where(member => !IsGenerated(member)))
            {
                string id = $"{Letter(member)}:{name}.{(member is ConstructorInfo ? "#ctor" : member.Name)}";
                if (!documented.Any(entry => entry == id || entry.StartsWith(id + "(", StringComparison.Ordinal)))
                {
                    yield return $"{name}.{member.Name}";
                }
            }
        }
    }

    // As in the ids of XML documentation.
    private static char Letter(MemberInfo member) => member switch
    {
        FieldInfo => 'F',
        PropertyInfo => 'P',
        _ => 'M',
    };

    private static IEnumerable<Type> Types(Assembly assembly) =>
        assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal);

    private static IEnumerable<MemberInfo> Members(Type type) =>
        type.GetMembers(Declared).Where(member => member switch
        {
            MethodInfo method => IsVisible(method) && !method.IsSpecialName,
            ConstructorInfo constructor => IsVisible(constructor),
            PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
            FieldInfo field => field.IsPublic && !field.IsSpecialName,
            _ => false,
        });

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsGenerated(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute)) || member.Name is "EqualityContract" or "Deconstruct" or "ToString"
        || (member is ConstructorInfo constructor
            && (constructor.GetParameters().Length == 0 || member.DeclaringType!.GetMethod("<Clone>$") is not null));

    private static string Heading(Type type)
    {
        IEnumerable<Type?> interfaces = type.GetInterfaces()
            .Where(i => i.Namespace != "System" || i == typeof(IDisposable) || i == typeof(IAsyncDisposable));
        IEnumerable<string> bases = interfaces
            .Prepend(type.BaseType)
            .Where(t => t is not null && t != typeof(object) && t != typeof(ValueType) && t != typeof(Enum))
            .Select(t => Name(t!));
        string list = string.Join(", ", bases);
        return $"{Kind(type)} {type.FullName}{(list.Length > 0 ? " : " + list : "")}";
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsSealed: true } => "sealed class",
        { IsAbstract: true } => "abstract class",
        _ => "class",
    };

    private static string Line(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}({Parameters(method)})",
        PropertyInfo property =>
            $"{(property.GetAccessors(nonPublic: true)[0].IsStatic ? "static " : "")}{Name(property.PropertyType)} {property.Name} "
            + $"{{ {Accessors(property)} }}",
        FieldInfo { IsLiteral: true } field =>
            $"{field.Name} = {Convert.ToString(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}",
        FieldInfo field => $"{Name(field.FieldType)} {field.Name}",
        _ => member.Name,
    };

    private static string Accessors(PropertyInfo property)
    {
        MethodInfo? set = property.SetMethod is { } method && IsVisible(method) ? method : null;
        bool init = set?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ?? false;
        return "get;" + (init ? " init;" : set is not null ? " set;" : "");
    }

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(
            parameter => $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.IsOptional ? " = default" : "")}"));

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Name(inner) + "?";
        }

        if (!type.IsGenericType)
        {
            return type.Name;
        }

        string arguments = string.Join(", ", type.GetGenericArguments().Select(Name));
        return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{arguments}>";
    }
}
