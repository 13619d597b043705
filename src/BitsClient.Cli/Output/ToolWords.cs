namespace BitsClient.Cli.Output;

/// <summary>Messages of the library in words of the tool, whose user has other options than a programmer.</summary>
internal static class ToolWords
{
    private const string User = "--user NAME, with the password in the environment variable " + ServerConnection.PasswordVariable;

    private static readonly (string Library, string Tool)[] Phrases =
    [
        ("add it to TrustedOrigins", "use --trust-host"),
        ("give the HttpClient's handler credentials", $"use {User}, or --header for a token"),
        (
            "It refused the credentials that were sent, and asks for authentication again",
            "The user name or the password is wrong: the server asks for authentication again"),
        ("check the user name and the password, or the token", $"check {User}, or the token in --header"),
        ("OverrideVerb sends POST instead", "--override-verb sends POST instead"),
        ("send smaller ones", "use a smaller --fragment-size"),
        ("FixedFragmentSize allows no smaller one", "--fragment-size allows no smaller one"),
        ("MinFragmentSize allows no smaller one", "the tool sends no smaller one"),
        ("ResendPolicy does not allow to send it again", "--resend does not allow to send it again"),
        ("MaxRestarts allows no other session", "the upload has started over too often"),
        ("AllowReplyFromAnyOrigin is off", "the tool downloads a reply from nowhere else"),
        ("MaxReplySize allows", "the tool accepts"),
        ("Load its checkpoint again", "Run the command again"),
        ("Only one can; stop it, or set MaxConcurrentUploads to 0 in this one.", "Only one can: stop it."),
        ("was canceled: NotStarted", "was canceled; no session was open"),
        ("was canceled: SessionCanceled", "was canceled; the server has deleted its session"),
        ("was canceled: ReplyCanceled", "was canceled; the file had arrived, and its reply was canceled"),
        ("was canceled: Unconfirmed", "was canceled, but the server has not confirmed it"),
    ];

    /// <summary>Replaces what only a programmer can use.</summary>
    public static string Of(string message) => Phrases.Aggregate(
        message, (text, phrase) => text.Replace(phrase.Library, phrase.Tool, StringComparison.Ordinal));
}
