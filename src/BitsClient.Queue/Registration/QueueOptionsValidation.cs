using Microsoft.Extensions.Options;

namespace BitsClient.Queue.Registration;

/// <summary>Checks the options of the queue when the application starts.</summary>
internal sealed class QueueOptionsValidation : IValidateOptions<BitsUploadQueueOptions>
{
    public ValidateOptionsResult Validate(string? name, BitsUploadQueueOptions options)
    {
        List<string> errors = [];
        Check(nameof(options.MaxConcurrentUploads), options.MaxConcurrentUploads, options.MaxConcurrentUploads >= 0, "at least 0");
        Check(
            nameof(options.MaxConcurrentUploadsPerOrigin), options.MaxConcurrentUploadsPerOrigin,
            options.MaxConcurrentUploadsPerOrigin is null or >= 1, "at least 1");
        Check(
            nameof(options.Lease), options.Lease, options.Lease >= TimeSpan.FromSeconds(1) && options.Lease <= TimeSpan.FromHours(1),
            "from 1 second to 1 hour");
        Check(
            nameof(options.Heartbeat), options.Heartbeat, options.Heartbeat > TimeSpan.Zero && options.Heartbeat * 2 < options.Lease,
            $"more than zero and less than half of {nameof(options.Lease)}");
        Check(
            nameof(options.PollInterval), options.PollInterval,
            options.PollInterval > TimeSpan.Zero && options.PollInterval <= TimeSpan.FromHours(1), "more than zero and at most an hour");
        Check(
            nameof(options.MaxRetryDelay), options.MaxRetryDelay,
            options.MaxRetryDelay >= options.RetryDelay && options.MaxRetryDelay <= TimeSpan.FromDays(1),
            $"at least {nameof(options.RetryDelay)} and at most a day");
        Check(nameof(options.RetryDelay), options.RetryDelay, options.RetryDelay > TimeSpan.Zero, "more than zero");
        Check(nameof(options.GiveUpAfter), options.GiveUpAfter, options.GiveUpAfter > TimeSpan.Zero, "more than zero");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Check(string option, object? value, bool isValid, string allowed)
        {
            if (!isValid)
            {
                errors.Add($"{option} is {value}; it must be {allowed}.");
            }
        }
    }
}
