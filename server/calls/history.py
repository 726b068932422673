"""The calls of an attempt, as its journal tells them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anyio import to_thread

from server.core.contract import AnyModule, Journalled
from server.core.journal import Journal, Recorded
from server.core.media import CallRecord
from server.core.modules import Modules
from server.papers.service import PapersService


@dataclass(frozen=True, slots=True)
class CallHistory:
    """Reads; never writes."""

    journal: Journal
    papers: PapersService
    modules: Modules

    def live(self, module: str) -> bool:
        """Whether attempts of this module have calls."""
        return module in self.modules and self.modules[module].media is not None

    async def calls(
        self, attempt_id: str, module_name: str, content_sha256: str, closed_ms: int | None
    ) -> Sequence[CallRecord]:
        """Every call of an attempt; none for a module without live sound. Raises whatever module or journal raise."""
        module = self.modules[module_name]
        media = module.media
        if media is None:
            return ()
        content = await self.papers.content(content_sha256)
        events = await self.journal.read_stream(attempt_id)
        return await to_thread.run_sync(lambda: media.calls(content, module_history(module, events), closed_ms))


def module_history(module: AnyModule, events: Sequence[Recorded]) -> list[Journalled[Any]]:
    """The module's own events of a stream, parsed."""
    prefix = f"{module.name}."
    return [
        Journalled(event.seq, event.at_ms, event.stage_ms, module.parse_event(json.loads(event.payload)))
        for event in events
        if event.type.startswith(prefix)
    ]
