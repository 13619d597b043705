using Microsoft.Extensions.Options;

namespace BitsClient.DependencyInjection.Registration;

/// <summary>Checks the options of one client when the application starts.</summary>
internal sealed class OptionRangeValidation(string name) : IValidateOptions<BitsUploadOptions>
{
    public ValidateOptionsResult Validate(string? other, BitsUploadOptions options)
    {
        if (other != name)
        {
            return ValidateOptionsResult.Skip;
        }

        IReadOnlyList<string> errors = options.Validate();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
