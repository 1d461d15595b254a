@echo off
rem Start the program by a double click, or with options from a command prompt. The first time it
rem makes an environment of its own, .venv, beside this file.
setlocal DisableDelayedExpansion
set "here=%~dp0"
set "environment=%here%.venv"
set "stamp=%environment%\requirements-installed.txt"
set "python=%environment%\Scripts\python.exe"

if exist "%python%" fc /b "%here%requirements.txt" "%stamp%" >nul 2>nul && goto run
if exist "%python%" "%python%" -c "import sys, pip; sys.exit(sys.version_info < (3, 10))" >nul 2>nul && goto requirements

rem There is none, or a first start was broken off and left one without pip.
rem The launcher py knows every installed Python; python.exe may be the one of the Microsoft Store.
rem call, since it may be a batch file (pyenv), which would not come back without it.
set "found="
for %%P in ("py -3" "python" "python3") do if not defined found (
    call %%~P -c "import sys; sys.exit(sys.version_info < (3, 10))" >nul 2>nul && set "found=%%~P"
)
if defined found goto create
set "old="
for %%P in ("py -3" "python" "python3") do if not defined old (
    call %%~P -c "pass" >nul 2>nul && set "old=%%~P"
)
if defined old (
    echo The Python on this computer is too old: the program needs Python 3.10 or newer.
) else (
    echo This computer has no Python, and the program needs Python 3.10 or newer.
)
echo Get it at https://www.python.org/downloads/ ^(tick "Add python.exe to PATH"^) and start this again.
set "status=1"
goto finish

:create
echo The first start takes a minute or two: what the program needs is fetched ...
call %found% -m venv --clear "%environment%"
if errorlevel 1 (
    echo The environment cannot be made in "%environment%".
    set "status=1"
    goto finish
)

:requirements
"%python%" -m pip install --quiet --disable-pip-version-check -r "%here%requirements.txt"
if errorlevel 1 (
    echo What the program needs could not be fetched; see above. Is this computer online?
    set "status=1"
    goto finish
)
copy /y "%here%requirements.txt" "%stamp%" >nul

:run
"%python%" "%here%main.py" %*
set "status=%errorlevel%"

:finish
echo.
pause
exit /b %status%
