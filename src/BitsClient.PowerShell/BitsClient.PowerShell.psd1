@{
    RootModule = 'BitsClient.PowerShell.dll'

    # The version of the packages; a test compares them.
    ModuleVersion = '0.1.0'
    GUID = '7f0b9a53-6c1e-4d0a-9b6f-2f4f3a1d8e57'
    Author = 'The BitsClient authors'
    CompanyName = 'The BitsClient authors'
    Copyright = 'Copyright (c) 2026 The BitsClient authors'
    Description = 'Uploads files to BITS servers (IIS) as Start-BitsTransfer does, on every platform and without the Windows service.'
    PowerShellVersion = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    CompatiblePSEditions = @('Desktop', 'Core')
    TypesToProcess = @('BitsClient.PowerShell.Types.ps1xml')
    FormatsToProcess = @('BitsClient.PowerShell.Format.ps1xml')
    FunctionsToExport = @()
    CmdletsToExport = @(
        'Send-BitsFile'
        'Get-BitsUpload'
        'Resume-BitsUpload'
        'Suspend-BitsUpload'
        'Stop-BitsUpload'
        'Clear-BitsUpload'
        'Test-BitsServer'
    )
    VariablesToExport = @()
    AliasesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('BITS', 'BITS_POST', 'upload', 'resumable', 'IIS', 'Windows', 'Linux', 'MacOS', 'PSEdition_Desktop', 'PSEdition_Core')
        }
    }
}
