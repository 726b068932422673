"""What the seat script tells browsers through the registry, and how it puts back what stood there.

Names and paths: chromeenterprise.google/policies, learn.microsoft.com/deployedge, firefox-admin-docs.mozilla.org.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

RECORD = r"HKLM\SOFTWARE\CCSS"
"""What the seat script changed, so that the undo puts back just that."""
BEFORE = rf"{RECORD}\Before"
_OURS = "84430"
"""The name of our item in a list: Chromium takes any number, and a school's own lists begin at 1."""
_BROWSERS = (
    ("Chrome", r"HKLM\SOFTWARE\Policies\Google\Chrome"),
    ("Edge", r"HKLM\SOFTWARE\Policies\Microsoft\Edge"),
    ("Chromium", r"HKLM\SOFTWARE\Policies\Chromium"),
)
_OFF = ("TranslateEnabled", "PasswordManagerEnabled", "AutofillAddressEnabled", "DefaultBrowserSettingEnabled")
"""Prompts that would stand over the page, and suggestions while names and addresses are typed."""


@dataclass(frozen=True, slots=True)
class RegistryValue:
    """One value; `id` is what it is remembered by."""

    id: str
    key: str
    name: str
    kind: Literal["REG_SZ", "REG_DWORD"]
    value: str


def chromium_values(origin: str) -> dict[str, list[RegistryValue]]:
    """By browser: microphone and sound without a question for `origin`, and no prompts."""
    values = {}
    for browser, key in _BROWSERS:
        lists = [
            RegistryValue(f"{browser}.{name}", rf"{key}\{name}", _OURS, "REG_SZ", origin)
            for name in ("AudioCaptureAllowedUrls", "AutoplayAllowlist")
        ]
        prompts = [RegistryValue(f"{browser}.{name}", key, name, "REG_DWORD", "0") for name in _OFF]
        values[browser] = [*lists, *prompts]
    name = "HideFirstRunExperience"
    values["Edge"].append(RegistryValue(f"Edge.{name}", dict(_BROWSERS)["Edge"], name, "REG_DWORD", "1"))
    return values


def firefox_values() -> list[RegistryValue]:
    """Firefox has a store of its own unless told to look into the machine's."""
    name = "ImportEnterpriseRoots"
    key = r"HKLM\SOFTWARE\Policies\Mozilla\Firefox\Certificates"
    return [RegistryValue(f"Firefox.{name}", key, name, "REG_DWORD", "1")]


def put_lines(values: Sequence[RegistryValue]) -> list[str]:
    """Set values, each remembered first."""
    return [f'call :put {value.id} "{value.key}" {value.name} {value.kind} "{value.value}"' for value in values]


def put_back_lines(values: Sequence[RegistryValue]) -> list[str]:
    """Put back what stood there, or nothing."""
    return [f'call :put_back {value.id} "{value.key}" {value.name}' for value in values]


def put_routine() -> list[str]:
    """`:put id key name type value`; what stood there before the first time is kept."""
    return [
        ":put",
        f'reg query "{BEFORE}" /v %~1 >nul 2>&1',
        "if not errorlevel 1 goto put_now",
        'set "CCSS_WAS=-"',
        f'for /f "tokens=2,*" %%A in (\'reg query "%~2" /v %~3 2^>nul ^| {FIND} "REG_"\') do set "CCSS_WAS=%%A %%B"',
        f'reg add "{BEFORE}" /v %~1 /t REG_SZ /d "%CCSS_WAS%" /f >nul 2>&1',
        'if errorlevel 1 set "CCSS_STEP=1"',
        ":put_now",
        'reg add "%~2" /v %~3 /t %~4 /d "%~5" /f >nul 2>&1',
        'if errorlevel 1 set "CCSS_STEP=1"',
        "exit /b 0",
    ]


def put_back_routine() -> list[str]:
    """`:put_back id key name`; a value that the seat script never touched stays as it is."""
    return [
        ":put_back",
        'set "CCSS_WAS="',
        f'for /f "tokens=2,*" %%A in (\'reg query "{BEFORE}" /v %~1 2^>nul ^| {FIND} "REG_SZ"\') do set "CCSS_WAS=%%B"',
        "if not defined CCSS_WAS exit /b 0",
        'if "%CCSS_WAS%"=="-" goto put_back_nothing',
        'for /f "tokens=1,*" %%A in ("%CCSS_WAS%") do reg add "%~2" /v %~3 /t %%A /d "%%B" /f >nul 2>&1',
        "if errorlevel 1 goto put_back_failed",
        "goto put_back_done",
        ":put_back_nothing",
        'reg delete "%~2" /v %~3 /f >nul 2>&1',
        'reg query "%~2" /v %~3 >nul 2>&1',
        "if not errorlevel 1 goto put_back_failed",
        ":put_back_done",
        f'reg delete "{BEFORE}" /v %~1 /f >nul 2>&1',
        "exit /b 0",
        ":put_back_failed",
        'set "CCSS_STEP=1"',
        "exit /b 0",
    ]


FIND = r"%SystemRoot%\System32\find.exe"
"""By its whole path: other programs are called find too."""
