using System.Security.Cryptography;
using BitsClient.Cli.Output;
using BitsClient.Testing;
using Spectre.Console;

namespace BitsClient.Cli.Commands;

/// <summary>The two parts of the demo, an upload and a cancel. Each shows the packets and verifies the result.</summary>
internal sealed class Demo(Terminal terminal, HttpClient http, BitsTestServer server, Uri root, string stored)
{
    private const int FragmentSize = 1024 * 1024;

    private readonly IAnsiConsole _out = terminal.RichOut();
    private readonly BitsUploadClient _client = new(http, new BitsUploadOptions { FixedFragmentSize = FragmentSize });
    private int _shown;

    /// <summary>Whether all checks so far have passed.</summary>
    public bool HasPassed { get; private set; } = true;

    public async Task UploadAsync(string file, CancellationToken cancellationToken)
    {
        Uri url = new(root, "first.bin");
        Heading("An upload", url);
        BitsUploadResult result = await ShowProgressAsync(file, url, cancellationToken);
        await ShowDialogueAsync(cancellationToken);

        string expectedHash = await HashAsync(file, cancellationToken);
        string storedHash = await HashAsync(Path.Combine(stored, "first.bin"), cancellationToken);
        Check(
            $"{result.BytesTransferred} bytes were uploaded in {result.Fragments} fragments",
            result.Fragments == result.BytesTransferred / FragmentSize);
        Check($"the server stored the same bytes (SHA-256 {expectedHash[..16]}...)", expectedHash == storedHash);
        Check("the server has no open session", server.OpenSessionCount == 0);
    }

    public async Task CancelAsync(string file, CancellationToken cancellationToken)
    {
        Uri url = new(root, "second.bin");
        Heading("An upload that is canceled halfway", url);
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        BitsGate halfWay = server.HoldBody(occurrence: 5, afterBytes: FragmentSize / 2);
        Task<BitsUploadResult> upload = ShowProgressAsync(file, url, cancel.Token);
        await Task.WhenAny(halfWay.Reached, upload);
        await cancel.CancelAsync();
        BitsCancelOutcome? outcome = await OutcomeAsync(upload, cancellationToken);
        halfWay.Release();
        await ShowDialogueAsync(cancellationToken);

        int cancels = server.Dialogue.Count(exchange => exchange.PacketType == BitsPacketNames.CancelSession);
        Check($"the upload was canceled with the outcome {outcome?.ToString() ?? "none"}", outcome is BitsCancelOutcome.SessionCanceled);
        Check("the server received one Cancel-Session", cancels == 1);
        Check("the server has no open session", server.OpenSessionCount == 0);
        Check("the server stored nothing of the second file", Directory.GetFiles(stored, "*", SearchOption.AllDirectories) is [_]);
    }

    // Returns null if the upload completed before it was canceled.
    private static async Task<BitsCancelOutcome?> OutcomeAsync(Task<BitsUploadResult> upload, CancellationToken cancellationToken)
    {
        try
        {
            await upload;
            return null;
        }
        catch (BitsUploadCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return e.Outcome;
        }
    }

    private Task<BitsUploadResult> ShowProgressAsync(string file, Uri url, CancellationToken cancellationToken) =>
        new ProgressDisplay(terminal, plain: false).ShowAsync(
            Path.GetFileName(url.AbsolutePath), progress => _client.UploadFileAsync(file, url, progress, cancellationToken));

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    private void Heading(string title, Uri url)
    {
        _out.WriteLine();
        _out.MarkupLineInterpolated($"[bold]{title}[/] to {url}");
    }

    // The server notices an abandoned request with a delay, possibly after it has received the next one.
    private async Task ShowDialogueAsync(CancellationToken cancellationToken)
    {
        await server.WhenSettledAsync(cancellationToken);
        IReadOnlyList<BitsExchange> dialogue = server.Dialogue;
        _out.Write(DialogueTable.Of(dialogue.Skip(_shown)));
        _shown = dialogue.Count;
    }

    private void Check(string statement, bool isTrue)
    {
        HasPassed &= isTrue;
        _out.MarkupLine($"{(isTrue ? "[green]ok[/]    " : "[red]FAILED[/]")} {Markup.Escape(statement)}");
    }
}
