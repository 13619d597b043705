using System.Net;

namespace BitsClient.Cli.Output;

/// <summary>The error message for an exception, for a user of the command line.</summary>
internal static class ErrorText
{
    public static string Of(Exception exception) => exception switch
    {
        KeptUploadException { InnerException: { } cause } kept => Sentences(Message(cause), kept.Message),
        BitsUploadException { Checkpoint: not null } e =>
            Sentences(Message(e), "The session could not be canceled either: the server keeps it until it expires."),
        _ => Message(exception),
    };

    private static string Message(Exception exception) => exception switch
    {
        ArgumentException { ParamName: { } name } e => e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal),
        BitsServerException e when e.Message.Contains(nameof(BitsUploadOptions.TrustedOrigins), StringComparison.Ordinal) =>
            Sentences(e.Message, "In this tool, use --trust-host."),
        BitsServerException { StatusCode: HttpStatusCode.Unauthorized } e =>
            Sentences(
                e.Message,
                $"In this tool, use --user NAME, with the password in the environment variable {ServerConnection.PasswordVariable}."),
        BitsServerException e when e.Message.Contains(nameof(BitsUploadOptions.OverrideVerb), StringComparison.Ordinal) =>
            Sentences(e.Message, "In this tool, use --override-verb."),
        BitsUploadCanceledException { InnerException: { } cause } e => Sentences(e.Message, cause.Message),
        BitsUploadCanceledException e => e.Message,
        OperationCanceledException => "Canceled.",
        { } e => e.Message,
    };

    // System messages often end without a period.
    private static string Sentences(string first, string second) => $"{first.TrimEnd('.')}. {second}";
}
