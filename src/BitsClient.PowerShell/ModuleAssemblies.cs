using System.Management.Automation;
using System.Reflection;

namespace BitsClient.PowerShell;

/// <summary>
/// Finds the assemblies that the module needs in its folder 'dependencies'. PowerShell does not look there, so they are not loaded where
/// other modules may have loaded other versions; and Windows PowerShell has no binding redirects for them.
/// </summary>
public sealed class ModuleAssemblies : IModuleAssemblyInitializer
{
    private static readonly string ModuleFolder = Path.GetDirectoryName(typeof(ModuleAssemblies).Assembly.Location)!;

    /// <summary>Called each time the module is imported.</summary>
    public void OnImport()
    {
        AppDomain.CurrentDomain.AssemblyResolve -= Resolve;
        AppDomain.CurrentDomain.AssemblyResolve += Resolve;
    }

    // Called only if the assembly is not loaded yet, or in an older version. LoadFile loads a file once, and beside other assemblies of the
    // same name.
    private static Assembly? Resolve(object? sender, ResolveEventArgs request)
    {
        string path = Path.Combine(ModuleFolder, "dependencies", $"{new AssemblyName(request.Name).Name}.dll");
        return IsOurs(request.RequestingAssembly) && File.Exists(path) ? Assembly.LoadFile(path) : null;
    }

    private static bool IsOurs(Assembly? requesting) =>
        requesting is { IsDynamic: false } && requesting.Location.StartsWith(ModuleFolder, StringComparison.OrdinalIgnoreCase);
}
