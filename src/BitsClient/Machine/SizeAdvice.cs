using System.Globalization;
using System.Net;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>
/// What an error says about the size of a fragment that may be too large, if no smaller one can be sent. Sentences that follow a space.
/// </summary>
internal static class SizeAdvice
{
    /// <summary>For an answer; empty if it has nothing to do with the size.</summary>
    public static string Of(BitsPacket packet, UploadState state, BitsAck ack) => (ack.StatusCode, ack.IsAck) switch
    {
        (HttpStatusCode.RequestEntityTooLarge, _) or (HttpStatusCode.NotFound, false) => Of(packet, state, "It"),
        (var status, false) when FailureTable.MayMeanTooLarge(status) => Of(packet, state),
        _ => "",
    };

    /// <summary>For a connection that broke; empty if a fragment of this size was accepted, or a smaller one can be sent.</summary>
    public static string Of(BitsPacket packet, UploadState state) =>
        Of(packet, state, "The fragment may be too large for the server or something on the way to it. It");

    private static string Of(BitsPacket packet, UploadState state, string subject)
    {
        MachineOptions options = state.Options;
        FragmentSizing sizing = state.Sizing;
        if (packet is not BitsPacket.Fragment { IsProbe: false } fragment
            || fragment.Length > options.MinFragmentSize || fragment.Length <= sizing.LargestAccepted)
        {
            return "";
        }

        // The end of a file that is shorter than any fragment that could be set is hardly too large, unless others were.
        if (fragment.Length < options.MinFragmentSize && sizing.LargestRefused == 0)
        {
            return "";
        }

        string option = options.MinFragmentSize == options.MaxFragmentSize
            ? nameof(BitsUploadOptions.FixedFragmentSize)
            : nameof(BitsUploadOptions.MinFragmentSize);
        string tried = sizing.LargestRefused > fragment.Length
            ? string.Create(CultureInfo.InvariantCulture, $" Fragments of {sizing.LargestRefused} bytes and less were refused before.")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture, $" {subject} has {fragment.Length} bytes, and {option} allows no smaller one.{tried}");
    }
}
