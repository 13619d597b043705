namespace BitsClient.Testing.Faults;

/// <summary>How a fragment's bytes are stored.</summary>
/// <param name="Keep">The maximum number of bytes to store.</param>
/// <param name="AppendAgain">Whether bytes that the server already has are appended again.</param>
internal readonly record struct FragmentTreatment(long Keep, bool AppendAgain);
