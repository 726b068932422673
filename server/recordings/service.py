"""Replay: who may hear a recording, what stands beside it, remarks.

A contestant hears the own practice rounds and lessons after the hand-in; who teaches hears those of all; in a contest
the chief referee alone hears, without a name, and marking goes through the grading service. Nobody who is logged in as
an entrant of a contest hears anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.attempts.service import AttemptsService
from server.attempts.standing import StandingAttempt
from server.calls.history import CallHistory
from server.core.access import Permission, Principal
from server.core.blobs import Blobs
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound, NotPermitted
from server.core.ids import new_id
from server.core.media import CallRecord, Marker
from server.core.phases import Phase
from server.core.text import Text
from server.recordings.repository import RecordingsRepository
from server.recordings.schemas import (
    CommentView,
    ModelAnswer,
    NewComment,
    RecordingState,
    RecordingView,
    ReplayView,
    Stretch,
)
from server.speech import voice_facts

TOLD_MS = 10 * 60_000
"""So long one who hears a contest's work is not journalled again."""


class NotSealed(Conflict):
    """The recording is not ready."""

    code = "not-sealed"
    title = Text(zh="录音还在整理，请稍候再试", en="The recording is still being put together: try again shortly")
    retry = True


class StillOpen(Conflict):
    """Nobody listens before the hand-in."""

    code = "attempt-open"
    title = Text(zh="交卷后才能听录音", en="Recordings can be heard after the hand-in")


@dataclass(slots=True)
class RecordingsService:
    """What people may do with recordings."""

    repository: RecordingsRepository
    attempts: AttemptsService
    accounts: AccountsService
    history: CallHistory
    blobs: Blobs
    acts: Acts
    clock: Clock
    _told: dict[tuple[str, str], int] = field(default_factory=dict)

    async def replay(self, who: Principal, attempt_id: str) -> ReplayView:
        """Everything of an attempt's replay page; raises NotFound, NotPermitted, StillOpen."""
        standing = await self._heard(who, attempt_id)
        record = standing.record
        media = standing.module.media
        if media is None:
            raise NotFound
        contest = record.kind == "contest"
        if contest:
            await self._tell(who, attempt_id, record.contest_id)
        calls = await self.history.calls(attempt_id, record.module, record.content_sha256, standing.core.closed_ms)
        rows = {row.call_id: row for row in await self.repository.recordings_of(attempt_id)}
        titles = await self.attempts.repository.titles(attempt_id)
        names = {} if contest else await self.accounts.names([record.contestant_id])
        earlier: Sequence[str] = ()
        if not contest:
            earlier = await self.repository.earlier(record.contestant_id, record.content_sha256, attempt_id)
        return ReplayView(
            attempt_id=attempt_id,
            title=Text.model_validate(titles.title),
            contestant=names.get(record.contestant_id, ""),
            practice=record.kind == "practice",
            recordings=tuple(_view(call, rows.get(call.call_id), standing) for call in calls),
            models=()
            if contest
            else tuple(
                ModelAnswer(ref=line.ref, title=line.title, text=line.text) for line in media.models(standing.content)
            ),
            earlier=tuple(earlier),
        )

    async def sound(self, who: Principal, recording_id: str) -> Path:
        """The sealed recording (Ogg Opus, agent left, customer right); raises as `replay`, and NotSealed."""
        row = await self._recording(who, recording_id)
        path = await self._file(row.sha256)
        if row.kind == "contest":
            await self._tell(who, row.attempt_id, row.contest_id)
        return path

    async def peaks(self, who: Principal, recording_id: str) -> Path:
        """Its peaks (JSON); raises likewise."""
        return await self._file((await self._recording(who, recording_id)).peaks_sha256)

    async def comments(self, who: Principal, recording_id: str) -> list[CommentView]:
        """Remarks by moment; in a contest without names."""
        row = await self._recording(who, recording_id)
        return [_comment(found, who, row.kind) for found in await self.repository.comments_of(recording_id)]

    async def add_comment(self, who: Principal, recording_id: str, body: NewComment) -> CommentView:
        """A remark at a moment of the recording; raises Conflict for one outside it."""
        row = await self._recording(who, recording_id)
        until_ms = body.until_ms
        if body.at_ms > row.duration_ms or (until_ms is not None and not body.at_ms <= until_ms <= row.duration_ms):
            raise Conflict(
                Text(
                    zh="评论的时间超出录音长度，请重新选择位置",
                    en="The moment lies outside the recording: choose another",
                )
            )
        comment_id = new_id(self.clock.now_ms())
        values = {
            "id": comment_id,
            "recording_id": recording_id,
            "author_id": who.account_id,
            "at_ms": body.at_ms,
            "until_ms": until_ms,
            "body": body.body,
            "made_ms": self.clock.now_ms(),
        }
        await self.repository.add_comment(values)
        (found,) = [one for one in await self.repository.comments_of(recording_id) if one.id == comment_id]
        return _comment(found, who, row.kind)

    async def remove_comment(self, who: Principal, recording_id: str, comment_id: str) -> None:
        """Take back an own remark; raises NotFound, NotPermitted for somebody else's."""
        await self._recording(who, recording_id)
        found = await self.repository.comment(comment_id)
        if found is None or found.recording_id != recording_id:
            raise NotFound
        if found.author_id != who.account_id:
            raise NotPermitted
        await self.repository.remove_comment(comment_id)

    async def _file(self, sha256: str | None) -> Path:
        if sha256 is None:
            raise NotSealed
        return await self.blobs.path(sha256)

    async def _recording(self, who: Principal, recording_id: str) -> Any:
        row = await self.repository.recording(recording_id)
        if row is None:
            raise NotFound
        _admit(who, row.kind, row.contestant_id, closed=row.phase == Phase.CLOSED.value)
        return row

    async def _heard(self, who: Principal, attempt_id: str) -> StandingAttempt:
        standing = await self.attempts.runner.attempt(attempt_id)
        record = standing.record
        _admit(who, record.kind, record.contestant_id, closed=standing.core.phase is Phase.CLOSED)
        return standing

    async def _tell(self, who: Principal, attempt_id: str, contest_id: str) -> None:
        """That somebody heard the work of a contest stands in its journal."""
        key, now_ms = (who.account_id, attempt_id), self.clock.now_ms()
        if now_ms - self._told.get(key, -TOLD_MS) < TOLD_MS:
            return
        self._told = {one: at for one, at in self._told.items() if now_ms - at < TOLD_MS} | {key: now_ms}
        await self.acts.record(who, "recording.hear", attempt_id, contest_id=contest_id)


def _admit(who: Principal, kind: str, contestant_id: str, *, closed: bool) -> None:
    """Raises NotFound for what is not the asker's to hear, StillOpen before the hand-in."""
    if who.contest_id is not None:
        raise NotFound
    own = contestant_id == who.account_id
    if kind == "contest":
        if not who.may(Permission.RUN_STAGE):
            raise NotFound
    elif who.may(Permission.TEACH):
        return
    elif not own:
        raise NotFound
    if not closed:
        raise StillOpen


def _view(call: CallRecord, row: Any, standing: StandingAttempt) -> RecordingView:
    state, missing = _state(row, standing)
    sealed = row is not None and row.sha256 is not None
    base = f"/api/v1/recordings/{row.id}" if sealed else ""
    version = f"?v={row.sha256[:12]}" if sealed else ""
    ended_ms = call.ended_ms if call.ended_ms is not None else call.began_ms
    return RecordingView(
        recording_id="" if row is None else row.id,
        call_id=call.call_id,
        part=call.part,
        title=call.title,
        state=state,
        began_ms=call.began_ms,
        duration_ms=row.duration_ms if sealed else max(0, ended_ms - call.began_ms),
        sha256=row.sha256 if sealed else None,
        peaks_url=f"{base}/peaks{version}" if sealed else None,
        sound_url=f"{base}/sound{version}" if sealed else None,
        wav_url=f"{base}/wav{version}" if sealed else None,
        markers=tuple(from_begin(marker, call.began_ms) for marker in call.markers),
        stretches=tuple(Stretch.model_validate(one) for one in row.stretches) if sealed else (),
        measures=voice_facts.measures(row.facts) if sealed else (),
        missing=missing,
    )


def from_begin(marker: Marker, began_ms: int) -> Marker:
    """A marker with its times in ms from the begin of the recording."""
    until_ms = None if marker.until_ms is None else max(0, marker.until_ms - began_ms)
    return marker.model_copy(update={"at_ms": max(0, marker.at_ms - began_ms), "until_ms": until_ms})


_LIVE = Text(zh="通话还没有结束，或尚未交卷", en="The call goes on, or nothing has been handed in yet")
_WAITING = Text(zh="正在等待选手电脑上传或服务器整理录音", en="Waiting for the seat's upload, or being put together")
_FAILED = Text(zh="录音整理失败，系统会自动重试", en="Putting it together failed; it is tried again")
_PARTIAL = Text(
    zh="选手电脑还有录音没有上传，到达后会自动补入", en="The seat has not handed in everything; what comes is added"
)


def _state(row: Any, standing: StandingAttempt) -> tuple[RecordingState, Text | None]:
    if row is None:
        closed = standing.core.phase is Phase.CLOSED
        return ("waiting", _WAITING) if closed else ("live", _LIVE)
    if row.sha256 is not None:
        return "sealed", None if row.complete else _PARTIAL
    return ("failed", _FAILED) if row.state == "failed" else ("waiting", _WAITING)


def _comment(row: Any, who: Principal, kind: str) -> CommentView:
    return CommentView(
        comment_id=row.id,
        at_ms=row.at_ms,
        until_ms=row.until_ms,
        author="" if kind == "contest" else row.display_name,
        mine=row.author_id == who.account_id,
        body=row.body,
        made_ms=row.made_ms,
    )
