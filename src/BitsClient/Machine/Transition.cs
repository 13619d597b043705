namespace BitsClient.Machine;

/// <summary>What an ack made of a session: where it stands now and, if the ack was no good, why.</summary>
internal readonly record struct Transition(UploadState State, BitsUploadException? Failure = null);
