namespace BitsClient.Cli.Output;

/// <summary>The error message for an exception, for a user of the command line.</summary>
internal static class ErrorText
{
    public static string Of(Exception exception) => ToolWords.Of(Whole(exception));

    private static string Whole(Exception exception) => exception switch
    {
        KeptUploadException { InnerException: { } cause } kept => Sentences(Message(cause), kept.Message),
        BitsUploadException { Checkpoint: not null } e =>
            Sentences(Message(e), "The session could not be canceled either: the server keeps it until it expires."),
        _ => Message(exception),
    };

    private static string Message(Exception exception) => exception switch
    {
        ArgumentException { ParamName: { } name } e => e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal),
        BitsUploadCanceledException { InnerException: { } cause } e => Sentences(e.Message, cause.Message),
        BitsUploadCanceledException e => e.Message,
        WaitEndedException e => e.Message,
        OperationCanceledException => "Canceled.",
        { } e => e.Message,
    };

    // System messages often end without a period.
    private static string Sentences(string first, string second) => $"{first.TrimEnd('.')}. {second}";
}
