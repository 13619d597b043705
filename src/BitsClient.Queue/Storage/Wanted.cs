namespace BitsClient.Queue.Storage;

/// <summary>What a caller asks the machine for that is uploading, as it is written in the table.</summary>
internal static class Wanted
{
    public const string Suspend = "suspend";
    public const string Cancel = "cancel";
}
