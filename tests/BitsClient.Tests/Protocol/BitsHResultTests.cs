using BitsClient.Protocol;

namespace BitsClient.Tests.Protocol;

/// <summary>The codes that have a name, as spelled in winerror.h and bitsmsg.h.</summary>
public sealed class BitsHResultTests
{
    [TestCase(0x80070003u, "ERROR_PATH_NOT_FOUND")]
    [TestCase(0x80070005u, "E_ACCESSDENIED")]
    [TestCase(0x80070020u, "ERROR_SHARING_VIOLATION")]
    [TestCase(0x80070050u, "ERROR_FILE_EXISTS")]
    [TestCase(0x80070057u, "E_INVALIDARG")]
    [TestCase(0x80070070u, "ERROR_DISK_FULL")]
    [TestCase(0x80200013u, "BG_E_INSUFFICIENT_RANGE_SUPPORT")]
    [TestCase(0x8020001Bu, "BG_E_INVALID_SERVER_RESPONSE")]
    [TestCase(0x8020001Du, "BG_E_LOCAL_FILE_CHANGED")]
    [TestCase(0x8020001Fu, "BG_E_SESSION_NOT_FOUND")]
    [TestCase(0x80200020u, "BG_E_TOO_LARGE")]
    [TestCase(0x80200022u, "BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH")]
    [TestCase(0x80200023u, "BG_E_SERVER_EXECUTE_ENABLE")]
    [TestCase(0x80200024u, "BG_E_NO_PROGRESS")]
    [TestCase(0x1Fu, null, Description = "the end of a code is not the code")]
    [TestCase(0u, null)]
    public void A_code_has_its_name_from_the_Windows_headers(uint code, string? name) =>
        Assert.That(BitsHResult.NameOf(code), Is.EqualTo(name));

    [TestCase(404, 0x80190194u)]
    [TestCase(503, 0x801901F7u)]
    public void A_status_without_a_code_maps_to_an_HRESULT(int status, uint code) =>
        Assert.That(BitsHResult.OfStatus(status), Is.EqualTo(code));
}
