"""The pieces in which a text is handed to a voice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech: text, its pinyin where the usual reading is wrong, the pause after it.

    `pinyin` holds one numbered syllable per character ("shan4 yu3 tong2"); `pause_ms` 0 means that the
    next segment follows without a break, in the same breath.
    """

    text: str
    pinyin: str | None = None
    pause_ms: int = 0
