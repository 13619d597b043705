namespace BitsClient;

/// <summary>Another job or process is running the upload; the message names it.</summary>
public sealed class BitsUploadLockedException : IOException
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="owner">Who is running it, such as "process 4711 on build-7"; null if unknown.</param>
    /// <param name="innerException">Why the lock could not be taken; null for none.</param>
    public BitsUploadLockedException(Guid id, string? owner, Exception? innerException = null)
        : base(
            $"The upload {id} is being run by {owner ?? "another job or process"}; wait until that run has ended, or stop it.",
            innerException)
    {
        Id = id;
        Owner = owner;
    }

    /// <summary>The upload.</summary>
    public Guid Id { get; }

    /// <summary>Who is running it, such as "process 4711 on build-7"; null if unknown.</summary>
    public string? Owner { get; }
}
