namespace BitsClient.Machine;

/// <summary>The state after an ack or a failure and, if the upload cannot simply continue, the failure.</summary>
internal readonly record struct Transition(UploadState State, BitsUploadException? Failure = null);
