"""What people and pages see of recordings; times UTC epoch ms or ms from the recording's begin, as named."""

from typing import Literal

from pydantic import Field

from server.core.frozen import Frozen
from server.core.media import CALL_ID, Marker
from server.core.outcome import Measure
from server.core.text import Text

CHUNK_BYTES = 512 * 1024
"""Largest chunk: a second of sound has about 6 kB."""
MOST_CHUNKS = 20_000

RecordingState = Literal["live", "waiting", "sealed", "failed"]
"""live: the call is up; waiting: something is still to come from the seat or the worker."""


class NewRecorder(Frozen):
    """A page begins to record a call with MediaRecorder; `began_ms` by the page's estimate of server time."""

    call_id: str = Field(pattern=CALL_ID)
    media_type: str = Field(pattern=r"^audio/webm(; ?codecs=(opus|pcm))?$")
    began_ms: int = Field(ge=0, le=2**53)


class RecorderView(Frozen):
    """What the page uploads under; the token works without a log-in, also after the next contestant has come."""

    recorder_id: str
    token: str


class UploadState(Frozen):
    """Chunks that are durable here: numbers from 0, as [first, last] ranges."""

    held: tuple[tuple[int, int], ...]
    finished: bool


class FinishUpload(Frozen):
    """The recorder has stopped after `chunks` chunks at `ended_ms` by the page's estimate of server time."""

    chunks: int = Field(ge=0, le=MOST_CHUNKS)
    ended_ms: int = Field(ge=0, le=2**53)


class Stretch(Frozen):
    """A stretch of a recording, ms from its begin."""

    from_ms: int
    to_ms: int
    kind: Literal["gap", "filled", "differs"]
    """gap: nobody has it; filled: the seat's copy stands in; differs: both are there and say different things."""


class RecordingView(Frozen):
    """A recording for replay; `markers` have times in ms from its begin."""

    recording_id: str
    call_id: str
    part: str
    title: Text
    state: RecordingState
    began_ms: int
    duration_ms: int
    sha256: str | None
    peaks_url: str | None
    sound_url: str | None
    wav_url: str | None
    markers: tuple[Marker, ...]
    stretches: tuple[Stretch, ...]
    measures: tuple[Measure, ...]
    missing: Text | None
    """What it waits for, in words."""


class Peaks(Frozen):
    """Loudest sample of every `step_ms`, 0 to 100, agent and customer."""

    step_ms: int
    agent: tuple[int, ...]
    customer: tuple[int, ...]


class CommentView(Frozen):
    """A remark at a moment of a recording (ms from its begin), or over a stretch."""

    comment_id: str
    at_ms: int
    until_ms: int | None
    author: str
    mine: bool
    body: str
    made_ms: int


class NewComment(Frozen):
    """A remark."""

    at_ms: int = Field(ge=0, le=2**31)
    until_ms: int | None = Field(default=None, ge=0, le=2**31)
    body: str = Field(min_length=1, max_length=1_000)


class ModelAnswer(Frozen):
    """What a turn is compared with in practice (A/B): the reference wording."""

    ref: str
    title: Text
    text: str


class ReplayView(Frozen):
    """Everything of an attempt's replay page."""

    attempt_id: str
    title: Text
    contestant: str
    """"" where it must not be seen."""
    practice: bool
    recordings: tuple[RecordingView, ...]
    models: tuple[ModelAnswer, ...]
    earlier: tuple[str, ...]
    """Attempts of the same person on the same content, newest first, for comparison."""
