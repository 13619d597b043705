using System.Diagnostics;

namespace BitsClient.Diagnostics;

/// <summary>What has to be ended when a run ends.</summary>
/// <param name="Activity">The activity of the run; null if nobody listens.</param>
/// <param name="IsCounted">The run is counted as active.</param>
internal readonly record struct UploadTrace(Activity? Activity, bool IsCounted);
