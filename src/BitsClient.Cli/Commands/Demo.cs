using System.Security.Cryptography;
using BitsClient.Cli.Output;
using BitsClient.Testing;
using Spectre.Console;

namespace BitsClient.Cli.Commands;

/// <summary>The two acts of the demo. Each shows what went over the wire, and checks what it claims.</summary>
internal sealed class Demo(Terminal terminal, HttpClient http, BitsTestServer server, Uri root, string stored)
{
    private const int FragmentSize = 1024 * 1024;

    private readonly IAnsiConsole _out = terminal.RichOut();
    private readonly BitsUploadClient _client = new(http, new BitsUploadOptions { FixedFragmentSize = FragmentSize });
    private int _shown;

    /// <summary>Whether every claim so far was true.</summary>
    public bool AllHeld { get; private set; } = true;

    public async Task UploadAsync(string file, CancellationToken cancellationToken)
    {
        Uri url = new(root, "first.bin");
        Heading("An upload", url);
        BitsUploadResult result = await ShowProgressAsync(file, url, cancellationToken);
        await ShowDialogueAsync(cancellationToken);

        string sent = await HashAsync(file, cancellationToken);
        string there = await HashAsync(Path.Combine(stored, "first.bin"), cancellationToken);
        Claim($"{result.BytesTransferred} bytes were uploaded in {result.Fragments} fragments", result.Fragments == result.BytesTransferred / FragmentSize);
        Claim($"the server stored the same bytes (SHA-256 {sent[..16]}...)", sent == there);
        Claim("the server has no open session", server.OpenSessionCount == 0);
    }

    public async Task CancelAsync(string file, CancellationToken cancellationToken)
    {
        Uri url = new(root, "second.bin");
        Heading("An upload, canceled half-way", url);
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        BitsGate halfWay = server.HoldBody(occurrence: 5, afterBytes: FragmentSize / 2);
        Task<BitsUploadResult> upload = ShowProgressAsync(file, url, cancel.Token);
        await Task.WhenAny(halfWay.Reached, upload);
        await cancel.CancelAsync();
        BitsCancelOutcome? outcome = await OutcomeAsync(upload, cancellationToken);
        halfWay.Release();
        await ShowDialogueAsync(cancellationToken);

        Claim($"the upload was canceled with the outcome {outcome?.ToString() ?? "none"}", outcome is BitsCancelOutcome.SessionCanceled);
        Claim("the server got one Cancel-Session", server.Dialogue.Count(exchange => exchange.PacketType == BitsPacketNames.CancelSession) == 1);
        Claim("the server has no open session", server.OpenSessionCount == 0);
        Claim("the server stored nothing of the second file", Directory.GetFiles(stored, "*", SearchOption.AllDirectories) is [_]);
    }

    // Null where there was nothing left to cancel.
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

    // The server hears of an abandoned request a little later than of the next one.
    private async Task ShowDialogueAsync(CancellationToken cancellationToken)
    {
        await server.WhenSettledAsync(cancellationToken);
        IReadOnlyList<BitsExchange> dialogue = server.Dialogue;
        _out.Write(DialogueTable.Of(dialogue.Skip(_shown)));
        _shown = dialogue.Count;
    }

    private void Claim(string what, bool holds)
    {
        AllHeld &= holds;
        _out.MarkupLine($"{(holds ? "[green]ok[/]    " : "[red]FAILED[/]")} {Markup.Escape(what)}");
    }
}
