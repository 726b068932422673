"""seat-setup.cmd and seat-undo.cmd: one double-click makes a Windows machine a place of the contest, another undoes it.

Machines with restore cards (还原卡) forget everything at a reboot, so both may be run as often as one likes. Every
action is a function that returns lines; each ends in one line of the log. In .cmd files `set` clears errorlevel: a
result is asked for at once.
"""

import base64
from dataclasses import dataclass

from server.installation.seat_setup_policies import (
    FIND,
    RECORD,
    chromium_values,
    firefox_values,
    put_back_lines,
    put_back_routine,
    put_lines,
    put_routine,
)
from server.installation.seat_setup_text import harmless, harmless_url, script

POWER_PLAN = "c5c5a5e0-0ccf-4ccf-8ccf-0c0ffee00c05"
"""The power plan that is ours: the school's own is not changed, only left for a while."""
_DESKTOP = r"%PUBLIC%\Desktop\CCSS"
_TIMEOUTS = ("monitor", "standby", "hibernate")


@dataclass(frozen=True, slots=True)
class SeatSetup:
    """What the scripts carry. `label` is empty for a machine without a place of its own."""

    site_name: str
    authority_der: bytes
    thumbprint: str
    secure_url: str
    plain_url: str
    label: str = ""
    path: str = "/"

    def setup(self) -> bytes:
        """seat-setup.cmd."""
        return script(
            [
                *_opening(),
                *_heading("布置赛位", self),
                *clock_lines(self.plain_url),
                *certificate_lines(self.authority_der, self.thumbprint),
                *browser_lines(self.secure_url),
                *power_lines(),
                *shortcut_lines(self.secure_url + self.path),
                *_ending("本机已布置好，请双击桌面上的 CCSS 打开赛位", "有项目失败，请截图交给技术保障"),
                *put_routine(),
                *_browser_routine(),
            ]
        )

    def undo(self) -> bytes:
        """seat-undo.cmd."""
        return script(
            [
                *_opening(),
                *_heading("撤销布置", self),
                *browser_undo_lines(self.secure_url),
                *power_undo_lines(),
                *shortcut_undo_lines(),
                *certificate_undo_lines(self.thumbprint),
                f'if "%CCSS_FAILED%"=="0" reg delete "{RECORD}" /f >nul 2>&1',
                *_ending("本机已恢复原状", "有项目失败，请截图交给技术保障"),
                *put_back_routine(),
            ]
        )


def clock_lines(plain_url: str) -> list[str]:
    """Set the clock by the server's if it is more than a minute wrong; without a server nothing is lost yet."""
    ask = (
        "try { $q = [Net.WebRequest]::Create($env:CCSS_CLOCK); $q.Proxy = $null; $q.Timeout = 5000; "
        "$d = [DateTime]::Parse($q.GetResponse().Headers['Date'], [Globalization.CultureInfo]::InvariantCulture); "
        "if ([Math]::Abs(($d - [DateTime]::Now).TotalSeconds) -gt 60) { Set-Date -Date $d -ErrorAction Stop }; "
        "exit 0 } catch { exit 1 }"
    )
    return [
        f'set "CCSS_CLOCK={harmless_url(f"{plain_url}/healthz")}"',
        f'powershell -NoProfile -Command "{ask}" >nul 2>&1',
        "if errorlevel 1 goto clock_unknown",
        'call :say 0 "时钟：与服务器一致"',
        "goto clock_done",
        ":clock_unknown",
        "echo   [提示] 时钟：连不上服务器，没有校准；时间差半年以上会打不开页面",
        ":clock_done",
    ]


def certificate_lines(authority_der: bytes, thumbprint: str) -> list[str]:
    """The authority into the machine's store; that of a contest before leaves it."""
    text = base64.b64encode(authority_der).decode("ascii")
    return [
        'set "CCSS_OLD="',
        f'for /f "tokens=2,*" %%A in (\'reg query "{RECORD}" /v Authority 2^>nul ^| {FIND} "REG_SZ"\') do '
        'set "CCSS_OLD=%%B"',
        f'if defined CCSS_OLD if /i not "%CCSS_OLD%"=="{thumbprint}" certutil -delstore Root %CCSS_OLD% >nul 2>&1',
        'set "CCSS_PEM=%TEMP%\\ccss-authority.pem"',
        '>"%CCSS_PEM%" echo -----BEGIN CERTIFICATE-----',
        *(f'>>"%CCSS_PEM%" echo {text[at : at + 64]}' for at in range(0, len(text), 64)),
        '>>"%CCSS_PEM%" echo -----END CERTIFICATE-----',
        'certutil -addstore -f Root "%CCSS_PEM%" >nul 2>&1',
        'call :say %errorlevel% "证书：已装入本机的受信任根证书"',
        'del "%CCSS_PEM%" >nul 2>&1',
        f'reg add "{RECORD}" /v Authority /t REG_SZ /d {thumbprint} /f >nul 2>&1',
    ]


def certificate_undo_lines(thumbprint: str) -> list[str]:
    """Remove the authority of this contest, and the one that was recorded if it is another."""
    return [
        'set "CCSS_OLD="',
        f'for /f "tokens=2,*" %%A in (\'reg query "{RECORD}" /v Authority 2^>nul ^| {FIND} "REG_SZ"\') do '
        'set "CCSS_OLD=%%B"',
        "if defined CCSS_OLD certutil -delstore Root %CCSS_OLD% >nul 2>&1",
        f"certutil -delstore Root {thumbprint} >nul 2>&1",
        'set "CCSS_STEP=0"',
        f"certutil -store Root {thumbprint} >nul 2>&1",
        'if not errorlevel 1 set "CCSS_STEP=1"',
        'call :say %CCSS_STEP% "证书：已从本机移除"',
    ]


def browser_lines(origin: str) -> list[str]:
    """Policies of the browsers, one line of the log a browser."""
    lines = []
    for browser, values in chromium_values(harmless_url(origin)).items():
        said = f'call :say %CCSS_STEP% "{browser}：允许麦克风和自动播放，关闭翻译、存密码和首次运行提示"'
        lines += ['set "CCSS_STEP=0"', *put_lines(values), said]
    lines += ['set "CCSS_STEP=0"', *put_lines(firefox_values())]
    return [*lines, 'call :say %CCSS_STEP% "Firefox：使用本机的根证书"']


def browser_undo_lines(origin: str) -> list[str]:
    """Everything that `browser_lines` set."""
    values = [value for group in chromium_values(harmless_url(origin)).values() for value in group]
    back = put_back_lines([*values, *firefox_values()])
    return ['set "CCSS_STEP=0"', *back, 'call :say %CCSS_STEP% "浏览器：已恢复原来的设置"']


def power_lines() -> list[str]:
    """A copy of the power plan in force, without sleep and without a dark screen."""
    never = [f"powercfg /change {name}-timeout-{source} 0 >nul 2>&1" for name in _TIMEOUTS for source in ("ac", "dc")]
    return [
        'set "CCSS_STEP=1"',
        'set "CCSS_ACTIVE="',
        "for /f \"tokens=2 delims=:(\" %%A in ('powercfg /getactivescheme 2^>nul') do "
        'for /f "tokens=1" %%B in ("%%A") do set "CCSS_ACTIVE=%%B"',
        "if not defined CCSS_ACTIVE goto power_done",
        f'if /i "%CCSS_ACTIVE%"=="{POWER_PLAN}" goto power_ours',
        f'reg add "{RECORD}" /v Power /t REG_SZ /d "%CCSS_ACTIVE%" /f >nul 2>&1',
        f"powercfg /delete {POWER_PLAN} >nul 2>&1",
        f"powercfg /duplicatescheme %CCSS_ACTIVE% {POWER_PLAN} >nul 2>&1",
        f"powercfg /changename {POWER_PLAN} CCSS >nul 2>&1",
        f"powercfg /setactive {POWER_PLAN} >nul 2>&1",
        "if errorlevel 1 goto power_done",
        ":power_ours",
        *never,
        'set "CCSS_STEP=0"',
        ":power_done",
        'call :say %CCSS_STEP% "电源：不睡眠、不熄屏"',
    ]


def power_undo_lines() -> list[str]:
    """Back to the plan that was in force."""
    return [
        'set "CCSS_STEP=0"',
        'set "CCSS_ACTIVE="',
        f'for /f "tokens=2,*" %%A in (\'reg query "{RECORD}" /v Power 2^>nul ^| {FIND} "REG_SZ"\') do '
        'set "CCSS_ACTIVE=%%B"',
        "if not defined CCSS_ACTIVE goto power_done",
        "powercfg /setactive %CCSS_ACTIVE% >nul 2>&1",
        'if errorlevel 1 set "CCSS_STEP=1"',
        f"powercfg /delete {POWER_PLAN} >nul 2>&1",
        ":power_done",
        'call :say %CCSS_STEP% "电源：已恢复原来的电源计划"',
    ]


def shortcut_lines(url: str) -> list[str]:
    """A shortcut for everybody who logs in here: by Chrome, else Edge, else whatever opens addresses."""
    make = (
        "$s = (New-Object -ComObject WScript.Shell).CreateShortcut($env:CCSS_LINK); "
        "$s.TargetPath = $env:CCSS_BROWSER; "
        "$s.Arguments = '--no-first-run --no-default-browser-check ' + $env:CCSS_URL; $s.Save()"
    )
    return [
        f'set "CCSS_URL={harmless_url(url)}"',
        f'set "CCSS_LINK={_DESKTOP}.lnk"',
        'set "CCSS_BROWSER="',
        "for %%E in (msedge.exe chrome.exe) do call :browser %%E",
        f'del "{_DESKTOP}.lnk" "{_DESKTOP}.url" >nul 2>&1',
        "if not defined CCSS_BROWSER goto shortcut_plain",
        f'powershell -NoProfile -Command "{make}" >nul 2>&1',
        'if exist "%CCSS_LINK%" goto shortcut_made',
        ":shortcut_plain",
        f'>"{_DESKTOP}.url" echo [InternetShortcut]',
        f'>>"{_DESKTOP}.url" echo URL=%CCSS_URL%',
        ":shortcut_made",
        'set "CCSS_STEP=1"',
        f'if exist "{_DESKTOP}.lnk" set "CCSS_STEP=0"',
        f'if exist "{_DESKTOP}.url" set "CCSS_STEP=0"',
        'call :say %CCSS_STEP% "快捷方式：桌面上的 CCSS"',
    ]


def shortcut_undo_lines() -> list[str]:
    """The shortcut, in either form."""
    return [
        f'del "{_DESKTOP}.lnk" "{_DESKTOP}.url" >nul 2>&1',
        'set "CCSS_STEP=0"',
        f'if exist "{_DESKTOP}.lnk" set "CCSS_STEP=1"',
        f'if exist "{_DESKTOP}.url" set "CCSS_STEP=1"',
        'call :say %CCSS_STEP% "快捷方式：已删除"',
    ]


def _opening() -> list[str]:
    """Become administrator, in the machine's own word length; `quiet` as the argument never waits for a key."""
    raise_ = (
        "try { $p = Start-Process -FilePath $env:CCSS_SELF -ArgumentList elevated -Verb RunAs -Wait -PassThru; "
        "exit $p.ExitCode } catch { exit 5 }"
    )
    return [
        "@echo off",
        "setlocal EnableExtensions DisableDelayedExpansion",
        "chcp 936 >nul 2>&1",
        "title CCSS",
        'set "CCSS_SELF=%~f0"',
        'set "CCSS_FAILED=0"',
        # `net session` fails where the server service is off; this hive opens for administrators only.
        r'reg query "HKU\S-1-5-19" >nul 2>&1',
        "if not errorlevel 1 goto admin",
        'if /i "%~1"=="elevated" goto no_admin',
        'if /i "%~1"=="quiet" goto no_admin',
        "echo 正在请求管理员权限，请在弹出的窗口中选“是”",
        f'powershell -NoProfile -Command "{raise_}"',
        "if errorlevel 5 goto no_admin",
        "exit /b %errorlevel%",
        ":no_admin",
        "echo   [失败] 没有管理员权限：请先复制到本机硬盘，再右键“以管理员身份运行”",
        'if /i not "%~1"=="quiet" pause',
        "exit /b 5",
        ":wide",
        '"%SystemRoot%\\Sysnative\\cmd.exe" /c ""%CCSS_SELF%" %~1"',
        "exit /b %errorlevel%",
        ":admin",
        # Started by a 32-bit program it would write into another registry than the undo reads.
        'if defined PROCESSOR_ARCHITEW6432 if exist "%SystemRoot%\\Sysnative\\cmd.exe" goto wide',
    ]


def _heading(what: str, setup: SeatSetup) -> list[str]:
    site, label = harmless(setup.site_name), harmless(setup.label)
    lines = ["echo.", f"echo {what}  {site}".rstrip()]
    return [*lines, f"echo 赛位  {label}", "echo."] if label else [*lines, "echo."]


def _ending(well: str, badly: str) -> list[str]:
    return [
        "echo.",
        f'if "%CCSS_FAILED%"=="0" echo {well}',
        f'if not "%CCSS_FAILED%"=="0" echo {badly}',
        "echo.",
        'if /i not "%~1"=="quiet" pause',
        "exit /b %CCSS_FAILED%",
        ":say",
        'if "%~1"=="0" goto say_well',
        "echo   [失败] %~2",
        'set "CCSS_FAILED=1"',
        "exit /b 0",
        ":say_well",
        "echo   [ OK ] %~2",
        "exit /b 0",
    ]


def _browser_routine() -> list[str]:
    return [
        ":browser",
        'for /f "tokens=2,*" %%A in (\'reg query '
        r'"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\%~1" /ve '
        f'2^>nul ^| {FIND} "REG_SZ"\') do if exist "%%B" set "CCSS_BROWSER=%%B"',
        "exit /b 0",
    ]
