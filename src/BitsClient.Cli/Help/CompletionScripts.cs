namespace BitsClient.Cli.Help;

/// <summary>Scripts that make a shell complete the command lines of the tool. They ask the tool itself ('bitsclient suggest').</summary>
internal static class CompletionScripts
{
    /// <summary>The names of the shells, as in the help.</summary>
    public const string Shells = "bash|zsh|fish|pwsh";

    private const string Bash = """
        _bitsclient() {
            local IFS=$'\n'
            COMPREPLY=($(bitsclient suggest -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
        }
        complete -o default -F _bitsclient bitsclient
        """;

    private const string Zsh = """
        #compdef bitsclient
        _bitsclient() {
            local -a suggestions
            suggestions=("${(@f)$(bitsclient suggest -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            if [[ -n "${suggestions[1]}" ]]; then
                compadd -- "${suggestions[@]}"
            else
                _files
            fi
        }
        compdef _bitsclient bitsclient
        """;

    private const string Fish = """
        complete -c bitsclient -a '(bitsclient suggest -- (commandline -opc)[2..-1] "$(commandline -ct)" 2>/dev/null)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName bitsclient -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
                Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
            bitsclient suggest -- @words "$wordToComplete" 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    /// <summary>The script for a shell; null if there is none.</summary>
    public static string? Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        "pwsh" => PowerShell,
        _ => null,
    };
}
