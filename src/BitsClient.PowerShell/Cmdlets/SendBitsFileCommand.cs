using System.Management.Automation;
using BitsClient.Cli.Output;
using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>Uploads files.</summary>
[Cmdlet(VerbsCommunications.Send, "BitsFile", DefaultParameterSetName = SourceSet, SupportsShouldProcess = true)]
[OutputType(typeof(BitsUpload))]
public sealed class SendBitsFileCommand : TransferCommand
{
    private const string SourceSet = "Source";
    private const string LiteralSet = "LiteralPath";

    // Where the files of this command are going.
    private readonly HashSet<Uri> _destinations = [];
    private readonly HashSet<string> _replies = new(FilePaths.Comparer);

    /// <summary>The files; wildcards are allowed.</summary>
    [Parameter(
        ParameterSetName = SourceSet, Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty, SupportsWildcards]
    public string[] Source { get; set; } = [];

    /// <summary>The files, by their exact names.</summary>
    [Parameter(ParameterSetName = LiteralSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty, Alias("PSPath", "FullName")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The URL of the file on the server; or of a folder, if it ends with a slash.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true), ValidateNotNull]
    public Uri Destination { get; set; } = null!;

    /// <summary>The file for the server's reply.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true), ValidateNotNullOrEmpty]
    public string? ReplyFile { get; set; }

    /// <summary>What the upload is, for people.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true), Alias("DisplayName")]
    public string? Description { get; set; }

    /// <summary>Uploads the files of one input object.</summary>
    protected override void ProcessRecord()
    {
        List<string> files = [];
        foreach (string source in ParameterSetName == SourceSet ? Source : LiteralPath)
        {
            Try(source, () => files.AddRange(FilesOf(source)));
        }

        if (files.Count > 1 && Destination.IsAbsoluteUri && !IsFolder)
        {
            // Before the first is sent.
            WriteError(InUse(files[1]));
            return;
        }

        files.ForEach(file => Try(file, () => Upload(file)));
    }

    private string[] FilesOf(string source)
    {
        bool isPattern = ParameterSetName == SourceSet && WildcardPattern.ContainsWildcardCharacters(source);
        ProviderInfo provider;
        string[] paths = isPattern
            ? [.. GetResolvedProviderPathFromPSPath(source, out provider)]
            : [SessionState.Path.GetUnresolvedProviderPathFromPSPath(Unescaped(source), out provider, out _)];
        if (provider.Name != "FileSystem")
        {
            throw new NotSupportedException($"'{source}' is not a file.");
        }

        // A pattern means the files that match it.
        string[] files = isPattern ? [.. paths.Where(File.Exists)] : paths;
        return files.Length > 0 ? files : throw new FileNotFoundException($"No file matches '{source}'.");
    }

    // Tab completion escapes brackets, also those that are part of a name.
    private string Unescaped(string source) => ParameterSetName == SourceSet ? WildcardPattern.Unescape(source) : source;

    private void Upload(string file)
    {
        UploadRequest request = new()
        {
            Source = file,
            Destination = Destination.IsAbsoluteUri ? UrlOf(file) : Destination,
            Length = File.Exists(file) ? new FileInfo(file).Length : 0,
            ReplyFile = ReplyFile is null ? null : GetUnresolvedProviderPathFromPSPath(ReplyFile),
            Description = Description,
        };
        if (Directory.Exists(file))
        {
            throw new NotSupportedException($"'{file}' is a folder; specify files.");
        }

        if (RepetitionIn(request) is { } error)
        {
            WriteError(error);
        }
        else if (ShouldProcess(request.ToString(), "Upload"))
        {
            Run(request, this.SavedUploadsAt(StatePath), request.CreateJobAsync);
        }
    }

    // The second file would replace the first.
    private ErrorRecord? RepetitionIn(UploadRequest request) =>
        !_destinations.Add(request.Destination) ? InUse(request.Source!)
        : request.ReplyFile is { } reply && !_replies.Add(reply)
            ? Repeated(
                "ReplyFileInUse", $"The reply to another file goes to '{reply}'. Specify a -ReplyFile for each file.", request.Source!)
        : null;

    private ErrorRecord InUse(string file) => Repeated(
        "DestinationInUse",
        $"Another file has the destination {ShownUrl.Of(Destination)}. To upload several files to a folder, end its URL with '/'.",
        file);

    private static ErrorRecord Repeated(string id, string message, string file) =>
        new(new InvalidOperationException(message), id, ErrorCategory.InvalidArgument, file);

    private bool IsFolder => Destination.AbsolutePath.EndsWith("/", StringComparison.Ordinal);

    private Uri UrlOf(string file) => IsFolder
        ? new UriBuilder(Destination) { Path = Destination.AbsolutePath + Uri.EscapeDataString(Path.GetFileName(file)) }.Uri
        : Destination;
}
