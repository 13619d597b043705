namespace BitsClient;

/// <summary>The upload is being run by somebody else, in this process or another; the message names who.</summary>
public sealed class BitsUploadLockedException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="owner">Who runs it, such as "process 4711 on build-7"; null if that is not known.</param>
    /// <param name="innerException">How that was found out.</param>
    public BitsUploadLockedException(Guid id, string? owner, Exception? innerException = null)
        : base($"The upload {id} is being run by {owner ?? "somebody else"}; wait until that has ended, or end it.", innerException)
    {
        Id = id;
        Owner = owner;
    }

    /// <summary>The upload.</summary>
    public Guid Id { get; }

    /// <summary>Who runs it; null if that is not known.</summary>
    public string? Owner { get; }
}
