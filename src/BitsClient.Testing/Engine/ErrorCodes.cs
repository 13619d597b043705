namespace BitsClient.Testing.Engine;

/// <summary>The HRESULTs in the engine's error answers.</summary>
internal static class ErrorCodes
{
    public const int AccessDenied = unchecked((int)0x80070005);
    public const int FileExists = unchecked((int)0x80070050);
    public const int InvalidArgument = unchecked((int)0x80070057);
    public const int SessionNotFound = unchecked((int)0x8020001F);
}
