"""Drafts to contents and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from server.core.authoring import DraftAudio
from server.core.errors import Fault, Invalid, faults_of
from server.core.text import Text
from telephony.content import TelephonyContent
from telephony.draft import TelephonyDraft

_ONLY_AUTHORS = {"readings"}
"""Of a line: what only its author needs."""


def content(draft: TelephonyDraft, found: Sequence[Fault]) -> TelephonyContent:
    """The content that a draft makes, without what only its author needs; raises Invalid with every severe fault."""
    if severe := [fault for fault in found if fault.severe]:
        raise refusal(
            Text(zh=f"题目还有 {len(severe)} 处必须修改", en=f"{len(severe)} faults keep the task from being used"),
            severe,
        )
    try:
        return TelephonyContent.model_validate(_content_data(draft.model_dump()))
    except ValidationError as error:
        raise refusal(
            Text(zh="题目不符合试卷的格式", en="The task breaks the schema of papers"), _found(error)
        ) from error


def draft(given: TelephonyContent) -> TelephonyDraft:
    """A content as a draft, its recordings confirmed; raises Invalid for one beyond the limits of a task."""
    try:
        return TelephonyDraft.model_validate(_draft_data(given.model_dump(exclude={"schema_version"})))
    except ValidationError as error:
        raise refusal(
            Text(zh="这份试卷超出题库题目的限制", en="This paper is beyond the limits of a task"), _found(error)
        ) from error


def refusal(text: Text, found: Sequence[Fault]) -> Invalid:
    """The refusal with every fault and its path."""
    return Invalid(text, faults=[fault.model_dump(mode="json", by_alias=True) for fault in found])


def _found(error: ValidationError) -> list[Fault]:
    return faults_of(
        {"loc": one["loc"], "msg": one["msg"]}
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    )


def _is_line(data: Mapping[str, Any]) -> bool:
    return {"id", "text", "audio"} <= data.keys()


def _content_data(data: Any) -> Any:
    """The same data with the recordings of contents."""
    if isinstance(data, Mapping):
        if _is_line(data):
            kept = {key: value for key, value in data.items() if key not in _ONLY_AUTHORS}
            return {**kept, "audio": _voice_audio(data["audio"])}
        return {key: _content_data(value) for key, value in data.items()}
    return [_content_data(one) for one in data] if isinstance(data, list | tuple) else data


def _draft_data(data: Any) -> Any:
    """The same data with the recordings of drafts."""
    if isinstance(data, Mapping):
        if _is_line(data):
            return {**data, "audio": _draft_audio(data["audio"])}
        return {key: _draft_data(value) for key, value in data.items()}
    return [_draft_data(one) for one in data] if isinstance(data, list | tuple) else data


def _voice_audio(audio: Mapping[str, Any] | None) -> dict[str, Any] | None:
    kept = ("sha256", "media_type", "duration_ms", "voice", "speed")
    return None if audio is None else {key: audio[key] for key in kept}


def _draft_audio(audio: Mapping[str, Any]) -> DraftAudio:
    return DraftAudio(
        sha256=audio["sha256"],
        duration_ms=audio["duration_ms"],
        source="uploaded",
        voice=audio["voice"],
        speed=audio["speed"],
        readings=1,
        confirmed=True,
    )
