namespace BitsClient.PowerShell.Uploads;

/// <summary>Creates the job of an upload, or one that continues it.</summary>
internal delegate Task<IBitsUploadJob> CreateJob(BitsUploadClient client, BitsJobOptions options, CancellationToken cancellationToken);
