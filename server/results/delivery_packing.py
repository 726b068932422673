"""Puts together what is sent to the grading service of one work: the dossier, and the files that it names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio import to_thread

from server.attempts.runner import AttemptRunner
from server.core.blobs import Blobs
from server.core.contract import AnyModule, Content
from server.core.dossier import Dossier, EvidenceFile, EvidenceRole
from server.core.frozen import canonical_json, sha256_hex
from server.core.journal import Journal, Recorded
from server.core.modules import Modules
from server.core.outcome import Outcome
from server.papers.service import PapersService
from server.results.delivery_repository import DeliveryRepository

_JSON = "application/json"
_LINES = "application/x-ndjson"
_RECORDING = "audio/ogg"


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
            size = path.stat().st_size
            evidence.append(EvidenceFile(role="recording", sha256=sha256, media_type=_RECORDING, size=size))
        return Packed(await self._dossier(work, module, content, evidence), files)

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


def _made(role: EvidenceRole, media_type: str, text: str, files: dict[str, bytes | Path]) -> EvidenceFile:
    body = text.encode()
    sha256 = sha256_hex(body)
    files[sha256] = body
    return EvidenceFile(role=role, sha256=sha256, media_type=media_type, size=len(body))
