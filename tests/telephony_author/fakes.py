"""A voice for tests: a tone as long as somebody would speak; and work on sound without another process."""

from collections.abc import Callable
from typing import Any

from server.speech.workshop import Reading, Sound, take_in
from tests.support.sound import tone, wav


async def at_once(work: Callable[[], Any], **_: Any) -> Any:
    """The result of work on sound, worked out here."""
    return work()


def speak(reading: Reading, voices_folder: str) -> Sound:
    """A tone of 230 ms a syllable, said as often as asked."""
    said = sum(len(segment.text) for segment in (*reading.opening, *reading.text))
    return take_in(wav(tone(230 * said)), reading.readings)
