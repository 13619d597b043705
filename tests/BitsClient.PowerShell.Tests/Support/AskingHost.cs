namespace BitsClient.PowerShell.Tests.Support;

/// <summary>A host of PowerShell that answers questions, for scripts: that of the tests cannot ask.</summary>
internal static class AskingHost
{
    /// <summary>
    /// Defines New-Shell, which returns a PowerShell with such a host. When it asks, the host sends a Ping to a URL, waits for the answer
    /// and until an upload has a state, and says yes.
    /// </summary>
    public const string Script =
        """
        if (-not ('AskingHost' -as [type])) {
            Add-Type -TypeDefinition @'
        using System;
        using System.Collections.Generic;
        using System.Collections.ObjectModel;
        using System.Globalization;
        using System.Management.Automation;
        using System.Management.Automation.Host;
        using System.Net.Http;
        using System.Security;
        using System.Threading;

        public sealed class AskingHost : PSHost
        {
            private readonly AskingUI _ui = new();
            public Uri Url { set => _ui.Url = value; }
            public object Upload { set => _ui.Upload = value; }
            public string State { set => _ui.State = value; }
            public override string Name => "tests";
            public override Version Version { get; } = new(1, 0);
            public override Guid InstanceId { get; } = Guid.NewGuid();
            public override PSHostUserInterface UI => _ui;
            public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;
            public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;
            public override void EnterNestedPrompt() => throw new NotSupportedException();
            public override void ExitNestedPrompt() => throw new NotSupportedException();
            public override void NotifyBeginApplication() { }
            public override void NotifyEndApplication() { }
            public override void SetShouldExit(int exitCode) { }
        }

        internal sealed class AskingUI : PSHostUserInterface
        {
            public Uri Url;
            public object Upload;
            public string State;
            public override PSHostRawUserInterface RawUI => null;

            public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
            {
                using HttpClient http = new();
                using HttpRequestMessage ping = new(new HttpMethod("BITS_POST"), Url);
                ping.Headers.Add("BITS-Packet-Type", "Ping");
                http.Send(ping).Dispose();
                SpinWait.SpinUntil(() => $"{Upload.GetType().GetProperty("State").GetValue(Upload)}" == State);
                return 0;
            }

            public override void WriteWarningLine(string message) { }
            public override string ReadLine() => throw new NotSupportedException();
            public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();
            public override void Write(string value) { }
            public override void Write(ConsoleColor foreground, ConsoleColor background, string value) { }
            public override void WriteLine(string value) { }
            public override void WriteErrorLine(string value) { }
            public override void WriteDebugLine(string message) { }
            public override void WriteVerboseLine(string message) { }
            public override void WriteProgress(long sourceId, ProgressRecord record) { }
            public override Dictionary<string, PSObject> Prompt(
                string caption, string message, Collection<FieldDescription> descriptions) => throw new NotSupportedException();
            public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
                throw new NotSupportedException();
            public override PSCredential PromptForCredential(
                string caption, string message, string userName, string targetName, PSCredentialTypes types,
                PSCredentialUIOptions options) => throw new NotSupportedException();
        }
        '@
        }

        function New-Shell([string] $script, [hashtable] $properties = @{}) {
            $shellHost = New-Object AskingHost -Property $properties
            $shell = [powershell]::Create()
            $shell.Runspace = [runspacefactory]::CreateRunspace($shellHost)
            $shell.Runspace.Open()
            $shell.AddScript($script)
        }

        """;
}
