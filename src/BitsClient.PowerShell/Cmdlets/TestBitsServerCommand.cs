using System.Management.Automation;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>Tests whether a BITS server answers. Nothing is uploaded.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BitsServer")]
[OutputType(typeof(bool))]
public sealed class TestBitsServerCommand : ServerCommand
{
    /// <summary>The URL of a file or a folder on the server.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true), ValidateNotNull]
    public Uri Destination { get; set; } = null!;

    /// <summary>How many seconds to wait for the answer.</summary>
    [Parameter, ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 30;

    /// <summary>Tests the server of one input object.</summary>
    protected override void ProcessRecord() => Try(Destination, () =>
    {
        using HttpClient http = Connect(Destination);
        foreach (KeyValuePair<string, string> header in Headers)
        {
            if (!http.DefaultRequestHeaders.TryAddWithoutValidation(header.Key, header.Value))
            {
                throw new FormatException($"'{header.Key}' is not the name of a request header.");
            }
        }

        BitsUploadClient client = CreateClient(http, new BitsUploadOptions(), PostWarning);
        string? failure = Wait(stop => PingAsync(client, stop));
        if (failure is not null)
        {
            WriteWarning(failure);
        }

        WriteObject(failure is null);
    });

    // Null if the server answered.
    private async Task<string?> PingAsync(BitsUploadClient client, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(TimeoutSec));
        try
        {
            await client.PingAsync(Destination, limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (BitsUploadException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"There was no answer within {TimeoutSec} seconds.";
        }
    }
}
