using System.Management.Automation;

namespace BitsClient.PowerShell.Uploads;

/// <summary>Lets an id be specified by its upload: <c>Stop-BitsUpload $upload</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UploadIdAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        PSObject { BaseObject: BitsUpload upload } => upload.Id,
        BitsUpload upload => upload.Id,
        object?[] several => several.Select(item => Transform(engineIntrinsics, item)).ToArray(),
        _ => inputData,
    };
}
