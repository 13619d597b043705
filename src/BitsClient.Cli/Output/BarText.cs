using Spectre.Console;
using Spectre.Console.Rendering;

namespace BitsClient.Cli.Output;

/// <summary>The column beside the progress bar that shows the last report as text.</summary>
internal sealed class BarText : ProgressColumn
{
    public const string Key = "report";

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(task.State.Get<BitsUploadProgress>(Key) is { BytesTotal: > 0 } report ? ProgressText.Of(report) : "");
}
