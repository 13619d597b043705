namespace BitsClient.Machine;

/// <summary>The last word about a session that the upload no longer uses.</summary>
internal enum SessionFate
{
    /// <summary>Its server acknowledged it, and nothing has ended it since.</summary>
    Open,

    /// <summary>Its Create-Session got no clear answer, so that its id is unknown, and whether there is one.</summary>
    Unknown,

    /// <summary>Its server acknowledged Cancel-Session.</summary>
    Canceled,

    /// <summary>Its server does not know it anymore.</summary>
    Gone,
}
