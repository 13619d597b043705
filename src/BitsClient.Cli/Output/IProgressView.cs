namespace BitsClient.Cli.Output;

/// <summary>Shows the progress of an upload until it is disposed.</summary>
internal interface IProgressView : IProgress<BitsUploadProgress>, IDisposable;
