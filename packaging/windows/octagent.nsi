; The installer: program, service, configuration and data. Called by ./build with VERSION, STAGE (the folder with what
; is installed) and OUTPUT.
;
;     octagent-...-windows-x86_64.exe /S [/D=C:\folder]     without a question; the folder comes last, unquoted
;     Uninstall.exe /S [/PURGE]                             without a question; the data stay unless /PURGE
;
; The service runs as NT SERVICE\octagent, an account that Windows makes for it and that can do nothing else. Only
; that account, the administrators and the system may read ProgramData\octagent.

Target amd64-unicode
!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"

Name "octagent ${VERSION}"
OutFile "${OUTPUT}"
InstallDir "$PROGRAMFILES64\octagent"
InstallDirRegKey HKLM "Software\octagent" "Folder"
RequestExecutionLevel admin
SetCompressor /SOLID lzma
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "octagent"
VIAddVersionKey "FileDescription" "Installer of octagent"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "MIT License"

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\octagent"

!insertmacro MUI_PAGE_LICENSE "${STAGE}/LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Var Data ; ProgramData\octagent

; Runs a command without a window; a failure is told and stops the installation.
!macro Must COMMAND
    nsExec::ExecToLog '${COMMAND}'
    Pop $0
    ${If} $0 != 0
        DetailPrint `failed with $0: ${COMMAND}`
        SetErrorLevel 2
        Abort `Failed with $0: ${COMMAND}`
    ${EndIf}
!macroend

; Runs a command whose failure does not matter.
!macro Try COMMAND
    nsExec::ExecToLog '${COMMAND}'
    Pop $0
!macroend

; Stops the service if there is one, and waits until its program is free.
!macro StopService
    !insertmacro Try '"$SYSDIR\net.exe" stop octagent'
    StrCpy $1 0
    ${Do}
        ${IfNot} ${FileExists} "$INSTDIR\octagent.exe"
            ${ExitDo}
        ${EndIf}
        ClearErrors
        FileOpen $2 "$INSTDIR\octagent.exe" a ; a running program cannot be written to
        ${IfNot} ${Errors}
            FileClose $2
            ${ExitDo}
        ${EndIf}
        IntOp $1 $1 + 1
        ${If} $1 > 60
            SetErrorLevel 2
            Abort "The service octagent does not stop"
        ${EndIf}
        Sleep 500
    ${Loop}
!macroend

!macro FindData
    SetRegView 64
    SetShellVarContext all
    StrCpy $Data "$APPDATA\octagent"
!macroend

Function .onInit
    !insertmacro FindData
FunctionEnd

Function un.onInit
    !insertmacro FindData
FunctionEnd

; The service's account, by ChangeServiceConfig: of such an account the password is none (a null pointer). 0xF003F and
; 0xF01FF are all rights, -1 is "as it is".
Function UseOwnAccount
    System::Call 'advapi32::OpenSCManagerW(p 0, p 0, i 0xF003F) p .r1'
    System::Call 'advapi32::OpenServiceW(p r1, w "octagent", i 0xF01FF) p .r2'
    System::Call 'advapi32::ChangeServiceConfigW(p r2, i -1, i -1, i -1, p 0, p 0, p 0, p 0, w "NT SERVICE\octagent", p 0, p 0) i .r3'
    System::Call 'advapi32::CloseServiceHandle(p r2)'
    System::Call 'advapi32::CloseServiceHandle(p r1)'
    ${If} $3 == 0
        SetErrorLevel 2
        Abort "Cannot give the service its account"
    ${EndIf}
FunctionEnd

Section
    !insertmacro StopService
    SetOutPath "$INSTDIR"
    File /r "${STAGE}/*.*"

    ; An edited configuration is kept; the one of this version lies beside the program.
    CreateDirectory "$Data"
    ${IfNot} ${FileExists} "$Data\octagent.properties"
        CopyFiles /SILENT "$INSTDIR\octagent.properties" "$Data\octagent.properties"
    ${EndIf}

    ; Registered anew, in case the folder is another one than before.
    !insertmacro Try '"$INSTDIR\octagent.exe" /unregisterService'
    !insertmacro Must '"$INSTDIR\octagent.exe" /registerService "/displayName=octagent" "/description=Takes traces and errors of LLM applications and stores them" /startup=automatic'
    Call UseOwnAccount
    ; After 5 s, as often as it takes; what was right for a day is forgotten.
    !insertmacro Must '"$SYSDIR\sc.exe" failure octagent reset= 86400 actions= restart/5000/restart/5000/restart/60000'
    ; S-1-5-18: the system, S-1-5-32-544: the administrators, whatever they are called here.
    !insertmacro Must '"$SYSDIR\icacls.exe" "$Data" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "NT SERVICE\octagent:(OI)(CI)M"'

    WriteUninstaller "$INSTDIR\Uninstall.exe"
    WriteRegStr HKLM "Software\octagent" "Folder" "$INSTDIR"
    WriteRegStr HKLM "${UNINSTALL}" "DisplayName" "octagent"
    WriteRegStr HKLM "${UNINSTALL}" "DisplayVersion" "${VERSION}"
    WriteRegStr HKLM "${UNINSTALL}" "Publisher" "The octagent authors"
    WriteRegStr HKLM "${UNINSTALL}" "InstallLocation" "$INSTDIR"
    WriteRegStr HKLM "${UNINSTALL}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
    WriteRegStr HKLM "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
    ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
    WriteRegDWORD HKLM "${UNINSTALL}" "EstimatedSize" $0

    !insertmacro Must '"$SYSDIR\net.exe" start octagent'
SectionEnd

Section "Uninstall"
    !insertmacro StopService
    !insertmacro Try '"$INSTDIR\octagent.exe" /unregisterService'
    ; Only what was installed: a folder may hold more.
    !include "${STAGE}.files.nsh"
    Delete "$INSTDIR\Uninstall.exe"
    RMDir "$INSTDIR"
    DeleteRegKey HKLM "${UNINSTALL}"
    DeleteRegKey HKLM "Software\octagent"

    ${GetParameters} $0
    ClearErrors
    ${GetOptions} $0 "/PURGE" $1
    ${If} ${Errors}
        MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 \
            "Delete the configuration and all stored events in $Data, too?" /SD IDNO IDNO keep
    ${EndIf}
    RMDir /r "$Data"
keep:
SectionEnd
