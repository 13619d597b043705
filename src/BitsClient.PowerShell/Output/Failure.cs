using System.Management.Automation;

namespace BitsClient.PowerShell.Output;

/// <summary>Makes error records. Their ids are documented, and scripts may compare them.</summary>
internal static class Failure
{
    /// <summary>The record of a failure.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="target">The file, the URL or the id of the upload that failed.</param>
    /// <param name="saved">The upload, if it is saved and can be resumed or canceled; null if it is not.</param>
    public static ErrorRecord Of(Exception exception, object? target, BitsUpload? saved = null)
    {
        (string id, ErrorCategory category) = KindOf(exception);
        ErrorRecord record = new(exception, id, category, target);
        if (exception is ArgumentException { ParamName: { } name })
        {
            // The name is one of the library's, and not one of the cmdlet's. How it is appended depends on the runtime.
            string suffix = new ArgumentException("", name).Message;
            string message = exception.Message;
            record.ErrorDetails = new ErrorDetails(
                message.EndsWith(suffix, StringComparison.Ordinal) ? message.Substring(0, message.Length - suffix.Length) : message);
        }

        if (saved is { } upload)
        {
            // On lines of their own, because they may contain any character.
            string resume = exception is BitsSourceChangedException ? "To upload it anew" : "To resume it";
            record.ErrorDetails = new ErrorDetails(
                $"{exception.Message}\n{resume}: Resume-BitsUpload {upload.Reference}\nTo cancel it: Stop-BitsUpload {upload.Reference}");
        }

        return record;
    }

    /// <summary>The record for an upload that is completed or canceled, so that nothing can be done with it any more.</summary>
    public static ErrorRecord Done(BitsUpload upload, string work)
    {
        string how = upload.State is BitsUploadStatus.Canceled ? "canceled" : "completed: the file is on the server";
        InvalidOperationException error = new($"{upload} is already {how}. There is nothing to {work}.");
        return new ErrorRecord(error, "UploadDone", ErrorCategory.InvalidOperation, upload.Id);
    }

    /// <summary>The record for an upload that has failed here, and that another run has ended.</summary>
    public static ErrorRecord EndedElsewhere(BitsUpload upload)
    {
        InvalidOperationException error = new(
            $"{upload} is no longer saved: another run has completed, canceled or forgotten it. Check whether the file is on the server.");
        return new ErrorRecord(error, "UploadDone", ErrorCategory.InvalidOperation, upload.Id);
    }

    /// <summary>The record for an id that no upload has.</summary>
    public static ErrorRecord NotFound(Guid id, string place) =>
        new(new ItemNotFoundException($"There is no upload {id} {place}."), "UploadNotFound", ErrorCategory.ObjectNotFound, id);

    private static (string Id, ErrorCategory Category) KindOf(Exception exception) => exception switch
    {
        BitsSourceChangedException => ("SourceChanged", ErrorCategory.InvalidData),
        BitsUploadException e => (e.Reason.ToString(), CategoryOf(e.Reason)),
        BitsUploadLockedException => ("UploadLocked", ErrorCategory.ResourceBusy),
        OperationCanceledException => ("UploadCanceled", ErrorCategory.OperationStopped),
        FileNotFoundException or DirectoryNotFoundException or ItemNotFoundException or
            System.Management.Automation.DriveNotFoundException or ProviderNotFoundException =>
            ("FileNotFound", ErrorCategory.ObjectNotFound),
        UnauthorizedAccessException => ("AccessDenied", ErrorCategory.PermissionDenied),
        IOException or InvalidDataException => ("FileError", ErrorCategory.ReadError),
        ArgumentException or FormatException or NotSupportedException or MetadataException =>
            ("InvalidArgument", ErrorCategory.InvalidArgument),
        _ => ("Unexpected", ErrorCategory.NotSpecified),
    };

    private static ErrorCategory CategoryOf(BitsFailureReason reason) => reason switch
    {
        BitsFailureReason.Server => ErrorCategory.InvalidResult,
        BitsFailureReason.Protocol => ErrorCategory.ProtocolError,
        BitsFailureReason.Network => ErrorCategory.ConnectionError,
        BitsFailureReason.Timeout or BitsFailureReason.NoProgress => ErrorCategory.OperationTimeout,
        BitsFailureReason.Source => ErrorCategory.ReadError,
        BitsFailureReason.Reply => ErrorCategory.WriteError,
        _ => ErrorCategory.NotSpecified,
    };
}
