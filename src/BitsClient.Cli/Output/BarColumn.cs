using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace BitsClient.Cli.Output;

/// <summary>The rows of a progress display: name, bar and text of each, in one line whatever the width.</summary>
internal sealed class BarColumn : ProgressColumn
{
    /// <summary>The key of the last report in the state of a task.</summary>
    public const string Key = "report";

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        ProgressBar.LastReport last = task.State.Get<ProgressBar.LastReport>(Key);
        TimeSpan silence = last.At is { } at ? Stopwatch.GetElapsedTime(at) : TimeSpan.Zero;
        string text = last.Progress.BytesTotal > 0
            ? ProgressText.OfSilence(last.Progress, silence) ?? ProgressText.Of(last.Progress)
            : "";
        return new BarLine(Markup.Remove(task.Description), task.Value / task.MaxValue, text);
    }
}
