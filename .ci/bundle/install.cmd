@echo off
rem Finds a Python that the bundle has wheels for (or installs the one beside), and lets the installer do the rest.
rem ASCII only: what people read in Chinese is said by the installer.
setlocal
cd /d "%~dp0"
reg query "HKU\S-1-5-19" >nul 2>&1
if errorlevel 1 (
  echo Right-click this file and choose "Run as administrator".
  pause
  exit /b 1
)
set "PY="
call :find
if not defined PY (
  for %%F in (python-3*-amd64.exe) do (
    echo Installing %%F ...
    start /wait "" "%%F" /quiet InstallAllUsers=1 PrependPath=0 Include_launcher=1 Include_test=0
  )
  call :find
)
if not defined PY (
  echo No Python of a version that this bundle is for. Install one for all users from python.org:
  findstr "pythons" MANIFEST.json
  pause
  exit /b 1
)
%PY% -X utf8 -m installer %*
set "CODE=%ERRORLEVEL%"
pause
exit /b %CODE%

:find
for %%V in (3.14 3.13 3.12 3.11) do (
  if not defined PY (
    py -%%V suits.py >nul 2>&1 && set "PY=py -%%V"
  )
)
if not defined PY (
  python suits.py >nul 2>&1 && set "PY=python"
)
exit /b 0
