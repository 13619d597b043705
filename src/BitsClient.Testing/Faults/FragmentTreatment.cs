namespace BitsClient.Testing.Faults;

/// <summary>What happens to a fragment's bytes.</summary>
/// <param name="Keep">How many of them, at most, are kept.</param>
/// <param name="AppendAgain">Whether bytes that are there already are written again.</param>
internal readonly record struct FragmentTreatment(long Keep, bool AppendAgain);
