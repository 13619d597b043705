using Microsoft.Extensions.Options;

namespace BitsClient.DependencyInjection.Registration;

/// <summary>Checks the options of the worker when the application starts, and that its client can save checkpoints.</summary>
internal sealed class WorkerOptionsValidation(IOptionsMonitor<BitsUploadOptions> clients, IEnumerable<RegisteredName> names)
    : IValidateOptions<BitsUploadWorkerOptions>
{
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, BitsUploadWorkerOptions options)
    {
        List<string> errors = [];
        if (options.MaxConcurrentUploads < 1)
        {
            errors.Add($"{nameof(options.MaxConcurrentUploads)} is {options.MaxConcurrentUploads}; it must be at least 1.");
        }

        if (options.RetryDelay <= TimeSpan.Zero || options.RetryDelay > MaxDelay)
        {
            errors.Add($"{nameof(options.RetryDelay)} is {options.RetryDelay:c}; it must be more than zero and at most {MaxDelay:c}.");
        }

        if (!names.Contains(new RegisteredName(options.ClientName)))
        {
            errors.Add(options.ClientName.Length == 0
                ? "The worker needs a BITS upload client. Register one with AddBitsUploadClient."
                : $"{nameof(options.ClientName)} is '{options.ClientName}', but no BITS upload client with that name is registered.");
        }
        else if (clients.Get(options.ClientName).CheckpointStore is null)
        {
            errors.Add(
                $"The worker needs a checkpoint store. Register an {nameof(IBitsCheckpointStore)}, such as a "
                + $"{nameof(BitsFileCheckpointStore)}, or set {nameof(BitsUploadOptions)}.{nameof(BitsUploadOptions.CheckpointStore)}.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
