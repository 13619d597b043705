namespace BitsClient.PowerShell;

/// <summary>How a user is authenticated.</summary>
public enum BitsAuthentication
{
    /// <summary>In any of the other ways, as the server asks for it.</summary>
    Any,

    /// <summary>User name and password are sent as they are: use it with https only.</summary>
    Basic,

    /// <summary>Challenge and response.</summary>
    Digest,

    /// <summary>NTLM of Windows.</summary>
    Ntlm,

    /// <summary>Kerberos or, if that is not possible, NTLM.</summary>
    Negotiate,
}
