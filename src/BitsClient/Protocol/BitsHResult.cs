namespace BitsClient.Protocol;

/// <summary>The error codes that servers send, and their names (MC-BUP 2.2.1.2, winerror.h, bitsmsg.h).</summary>
internal static class BitsHResult
{
    public const uint SessionNotFound = 0x8020001F;
    public const uint TooLarge = 0x80200020;
    public const uint DiskFull = 0x80070070;

    /// <summary>
    /// Some servers send this for <see cref="DiskFull"/>: they use the decimal error number 112 as if it were hexadecimal.
    /// </summary>
    public const uint DiskFullMisspelled = 0x80070112;

    public static string? NameOf(uint code) => code switch
    {
        0x80070003 => "ERROR_PATH_NOT_FOUND",
        0x80070005 => "E_ACCESSDENIED",
        0x80070020 => "ERROR_SHARING_VIOLATION",
        0x80070050 => "ERROR_FILE_EXISTS",
        0x80070057 => "E_INVALIDARG",
        DiskFull or DiskFullMisspelled => "ERROR_DISK_FULL",
        0x80200013 => "BG_E_INSUFFICIENT_RANGE_SUPPORT",
        0x8020001B => "BG_E_INVALID_SERVER_RESPONSE",
        0x8020001D => "BG_E_LOCAL_FILE_CHANGED",
        SessionNotFound => "BG_E_SESSION_NOT_FOUND",
        TooLarge => "BG_E_TOO_LARGE",
        0x80200022 => "BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH",
        0x80200023 => "BG_E_SERVER_EXECUTE_ENABLE",
        0x80200024 => "BG_E_NO_PROGRESS",
        _ => null,
    };

    /// <summary>The HRESULT for an HTTP status without an error code: by convention, 0x80190000 + status.</summary>
    public static uint OfStatus(int status) => 0x80190000u + (uint)status;
}
