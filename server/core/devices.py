"""设备测试: what a page measured of its machine, and what of that will not do. Never a device's name."""

from typing import Literal

from pydantic import Field

from server.core.frozen import Frozen

MIN_CHROMIUM = 109
"""Chrome, Edge and what is built on them; the last one for Windows 7 (ADR 5)."""
MIN_FIREFOX = 115
MIN_SCREEN = (1366, 768)
MIN_WINDOW = (1280, 600)
"""CSS pixels in which the desk stands whole; a zoomed page or a narrow window has fewer."""

DevicePart = Literal["headphones", "input_method", "browser", "screen", "storage", "microphone"]
DeviceMark = Literal["untested", "partial", "passed", "faulty"]
"""未测, 部分未测, 通过, 有问题."""


class HeadphonesCheck(Frozen):
    """Tones played, `left` of them in the left ear only and the others in the right, and how many were heard."""

    played: int = Field(ge=2, le=5)
    left: int = Field(ge=0, le=5)
    heard: int = Field(ge=0, le=9)
    tries: int = Field(ge=1, le=99)


class InputMethodCheck(Frozen):
    """Whether the asked characters stood in the field, and whether an input method composed them there."""

    matched: bool
    composed: bool
    pasted: bool


class BrowserFacts(Frozen):
    """The engine that decides what works: version of Chromium or Firefox; `name` is what the person knows it by."""

    engine: Literal["chromium", "firefox", "other"]
    name: Literal["chrome", "edge", "firefox", "safari", "other"]
    version: int = Field(ge=0, le=9999)


class ScreenFacts(Frozen):
    """CSS pixels of the screen and of the page; `ratio_percent` is device pixels to CSS pixels, zoom included."""

    width: int = Field(ge=0, le=99_999)
    height: int = Field(ge=0, le=99_999)
    window_width: int = Field(ge=0, le=99_999)
    window_height: int = Field(ge=0, le=99_999)
    ratio_percent: int = Field(ge=1, le=10_000)


class MicrophoneCheck(Frozen):
    """What the microphone gave: its loudest level in dB below full scale (-120 to 0), None if it never opened."""

    outcome: Literal["ok", "silent", "refused", "absent", "insecure", "failed"]
    peak_dbfs: float | None = Field(default=None, ge=-120, le=0, allow_inf_nan=False)
    playback: Literal["clear", "unclear", "failed"] | None = None
    """What the person heard of a few recorded seconds played back; None if that was not tried."""


class DeviceReport(Frozen):
    """One device check. What was not done is None; names and serial numbers of devices have no place here."""

    headphones: HeadphonesCheck | None
    input_method: InputMethodCheck | None
    browser: BrowserFacts
    screen: ScreenFacts
    secure: bool
    """Whether the page is a secure context: without it a browser gives no microphone."""
    storage: bool
    """Whether a record written to IndexedDB was read back."""
    output: bool | None = None
    """Whether the browser lists an audio output; None where it doesn't tell."""
    offset_ms: int | None = Field(default=None, ge=-(2**53), le=2**53)
    """The machine's clock less the server's; nobody's time depends on it."""
    microphone: MicrophoneCheck | None = None


def faults_of(report: DeviceReport) -> tuple[DevicePart, ...]:
    """The parts that will not do, most urgent first."""
    phones, typed, screen = report.headphones, report.input_method, report.screen
    found: dict[DevicePart, bool] = {
        "headphones": phones is not None and phones.heard != phones.played,
        "input_method": typed is not None and not (typed.matched and typed.composed),
        "browser": not _supported(report.browser),
        "screen": screen.width < MIN_SCREEN[0]
        or screen.height < MIN_SCREEN[1]
        or screen.window_width < MIN_WINDOW[0]
        or screen.window_height < MIN_WINDOW[1],
        "storage": not report.storage,
        "microphone": report.microphone is not None and not _speaks(report.microphone),
    }
    return tuple(part for part, faulty in found.items() if faulty)


def mark_of(report: DeviceReport | None) -> DeviceMark:
    """How a machine stands by its latest report."""
    if report is None:
        return "untested"
    if faults_of(report):
        return "faulty"
    return "partial" if report.headphones is None or report.input_method is None else "passed"


def _speaks(microphone: MicrophoneCheck) -> bool:
    return microphone.outcome == "ok" and microphone.playback in (None, "clear")


def _supported(browser: BrowserFacts) -> bool:
    least = {"chromium": MIN_CHROMIUM, "firefox": MIN_FIREFOX}.get(browser.engine)
    return least is not None and browser.version >= least
