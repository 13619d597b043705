using System.Net;

namespace BitsClient.Cli.Output;

/// <summary>What an exception means to somebody who typed a command.</summary>
internal static class ErrorText
{
    public static string Of(Exception exception) => exception switch
    {
        KeptUploadException { InnerException: { } cause } kept => Sentences(Told(cause), kept.Message),
        BitsUploadException { Checkpoint: not null } e => Sentences(Told(e), "The session could not be canceled either: the server keeps it until it expires."),
        _ => Told(exception),
    };

    private static string Told(Exception exception) => exception switch
    {
        ArgumentException { ParamName: { } name } e => e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal),
        BitsServerException { StatusCode: HttpStatusCode.Unauthorized } e =>
            Sentences(e.Message, $"In this tool: --user NAME, with the password in the environment variable {ServerConnection.PasswordVariable}."),
        BitsServerException e when e.Message.Contains(nameof(BitsUploadOptions.OverrideVerb), StringComparison.Ordinal) =>
            Sentences(e.Message, "In this tool: --override-verb."),
        BitsUploadCanceledException { InnerException: { } cause } e => Sentences(e.Message, cause.Message),
        BitsUploadCanceledException e => e.Message,
        OperationCanceledException => "Canceled.",
        { } e => e.Message,
    };

    // Messages of the system often end without a full stop.
    private static string Sentences(string first, string second) => $"{first.TrimEnd('.')}. {second}";
}
