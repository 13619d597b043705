using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace BitsClient.DependencyInjection.Configuration;

/// <summary>Checks the section with the options of one client when the application starts.</summary>
internal sealed class OptionSectionValidation(string name, IConfiguration section) : IValidateOptions<BitsUploadOptions>
{
    public ValidateOptionsResult Validate(string? other, BitsUploadOptions options)
    {
        if (other != name)
        {
            return ValidateOptionsResult.Skip;
        }

        IReadOnlyList<string> errors = OptionSection.FindErrors(section);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
