"""Puts together what is sent to the grading service of one work: the dossier, and the files that it names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio import to_thread

from server.attempts.runner import AttemptRunner
from server.calls.history import module_history
from server.core.blobs import Blobs
from server.core.contract import AnyModule, Content
from server.core.dossier import Dossier, EvidenceFile, EvidenceRole
from server.core.frozen import canonical_json, sha256_hex
from server.core.journal import Journal, Recorded
from server.core.media import CallRecord
from server.core.media_types import OGG, PICTURES, media_type_of
from server.core.modules import Modules
from server.core.outcome import Outcome
from server.papers.service import PapersService
from server.recordings.repository import RecordingsRepository
from server.recordings.service import from_begin
from server.results.delivery_repository import DeliveryRepository
from server.speech.voice_facts import measures

_JSON = "application/json"
_LINES = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Packed:
    """A dossier whose revision is still open, and its files: bytes, or where they lie."""

    dossier: Dossier
    files: Mapping[str, bytes | Path]


@dataclass(frozen=True, slots=True)
class Packer:
    """Reads; writes nothing but codes."""

    journal: Journal
    repository: DeliveryRepository
    runner: AttemptRunner
    papers: PapersService
    modules: Modules
    blobs: Blobs
    recordings: RecordingsRepository

    async def pack(self, work: Any) -> Packed | None:
        """Everything of a work (`DeliveryRepository.work`); None for who never came: there is nothing to grade.

        Raises whatever module, journal or blobs raise.
        """
        standing = await self.runner.attempt(work.attempt_id)
        if standing.core.epoch == 0:
            return None
        module = self.modules[work.module]
        content = await self.papers.content(work.content_sha256)
        events = await self.journal.read_stream(work.attempt_id)
        files: dict[str, bytes | Path] = {}
        evidence = [
            _made("events", _LINES, event_lines(module, events), files),
            _made("answers", _JSON, canonical_json(standing.answers()), files),
            _made("task", _JSON, await to_thread.run_sync(task, module, content), files),
        ]
        for sha256 in sorted(module.files(content)):
            path = await self.blobs.path(sha256)
            files[sha256] = path
            evidence.append(_of_task(sha256, path))
        evidence += await self._calls(work, events, module, content, files)
        return Packed(await self._dossier(work, module, content, evidence), files)

    async def _calls(
        self,
        work: Any,
        events: Sequence[Recorded],
        module: AnyModule,
        content: Content,
        files: dict[str, bytes | Path],
    ) -> list[EvidenceFile]:
        """Sealed recordings with their peaks, and what is said of all calls; nothing if there was no call."""
        media = module.media
        if media is None:
            return []
        calls = await to_thread.run_sync(lambda: media.calls(content, module_history(module, events), work.closed_ms))
        if not calls:
            return []
        rows = {row.call_id: row for row in await self.recordings.recordings_of(work.attempt_id)}
        evidence = []
        for row in rows.values():
            if row.sha256 is None:
                continue
            for role, sha256, media_type in (("call", row.sha256, OGG), ("peaks", row.peaks_sha256, _JSON)):
                path = await self.blobs.path(sha256)
                files[sha256] = path
                found = {"role": role, "sha256": sha256, "media_type": media_type, "size": path.stat().st_size}
                evidence.append(EvidenceFile.model_validate(found))
        said = {"calls": [call_evidence(call, rows.get(call.call_id), work.closed_ms) for call in calls]}
        return [*evidence, _made("calls", _JSON, canonical_json(said), files)]

    async def _dossier(
        self, work: Any, module: AnyModule, content: Content, evidence: Sequence[EvidenceFile]
    ) -> Dossier:
        outcome = None if work.body is None else Outcome.model_validate(work.body)
        return Dossier(
            work_code=work.work_code,
            revision=1,
            contest_code=await self.repository.code(work.contest_id),
            stage_code=await self.repository.code(work.stage_id),
            stage_number=work.stage_position + 1,
            module=module.name,
            module_title=module.title,
            failed=work.failed,
            rubric=module.rubric(content),
            scorer_version=outcome.scorer_version if outcome else "",
            policy=outcome.policy if outcome else {},
            measures=outcome.measures if outcome else (),
            marks=outcome.marks if outcome else (),
            sheet=outcome.sheet if outcome else {},
            evidence=tuple(evidence),
        )


def call_evidence(call: CallRecord, row: Any, closed_ms: int) -> dict[str, Any]:
    """A call as referees may know it: all times in ms from its begin, which is not said.

    `mask` are the stretches in which the contestant speaks: whoever says a name there can be made unheard.
    """
    sealed = row is not None and row.sha256 is not None
    ended_ms = call.ended_ms if call.ended_ms is not None else closed_ms
    markers = [from_begin(marker, call.began_ms).model_dump(mode="json", by_alias=True) for marker in call.markers]
    return {
        "call_id": call.call_id,
        "part": call.part,
        "title": call.title.model_dump(mode="json", by_alias=True),
        "live": call.live,
        "duration_ms": row.duration_ms if sealed else max(0, ended_ms - call.began_ms),
        "sound_sha256": row.sha256 if sealed else None,
        "peaks_sha256": row.peaks_sha256 if sealed else None,
        "markers": markers,
        "stretches": row.stretches if sealed else [],
        "measures": [
            measure.model_dump(mode="json", by_alias=True) for measure in (measures(row.facts) if sealed else ())
        ],
        "mask": row.facts.get("speech", []) if sealed else [],
    }


def event_lines(module: AnyModule, events: Sequence[Recorded]) -> str:
    """The module's own events as JSON lines, numbered anew: no moment, no id, no number of the stream."""
    prefix = f"{module.name}."
    own = [module.parse_event(json.loads(event.payload)).blind() for event in events if event.type.startswith(prefix)]
    return "".join(f"{canonical_json({'n': number, **event})}\n" for number, event in enumerate(own, 1))


def task(module: AnyModule, content: Content) -> str:
    """What the contestant saw, and what was expected; under the module's title, for anybody may write a paper's."""
    neutral = content.model_copy(update={"title": module.title})
    seen = module.seat_content(neutral).model_dump(mode="json", by_alias=True)
    key = [line.model_dump(mode="json", by_alias=True) for line in module.key(content)]
    return canonical_json({"content": seen, "key": key})


def _of_task(sha256: str, path: Path) -> EvidenceFile:
    """A file of the task: a picture if it is one, else a recording."""
    kind = media_type_of(path)
    role: EvidenceRole = "picture" if kind in PICTURES else "recording"
    return EvidenceFile(role=role, sha256=sha256, media_type=kind, size=path.stat().st_size)


def _made(role: EvidenceRole, media_type: str, text: str, files: dict[str, bytes | Path]) -> EvidenceFile:
    body = text.encode()
    sha256 = sha256_hex(body)
    files[sha256] = body
    return EvidenceFile(role=role, sha256=sha256, media_type=media_type, size=len(body))
