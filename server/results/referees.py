"""Works as referees see them: by code, from the grading service; who asks is known there by a code as well."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from server.core.access import Permission, Principal
from server.core.dossier import ContestBrief, Dossier, WorkBrief
from server.core.grading import EvidenceAnswer, Grading, GradingAway
from server.core.overruling import Overruling
from server.results.delivery_repository import DeliveryRepository


@dataclass(frozen=True, slots=True)
class RefereesService:
    """Checks the role and forwards; adds nothing, above all no name. All but `arrears` may raise GradingAway."""

    repository: DeliveryRepository
    service: Grading | None
    """None where this process has no grading service attached."""

    async def contests(self, who: Principal) -> list[ContestBrief]:
        """Contests of which works have arrived, by code; raises NotPermitted."""
        referee = await self._referee(who)
        return await self._grading().contests(referee)

    async def arrears(self, who: Principal) -> int:
        """How many works of stages that are over have not arrived; raises NotPermitted."""
        await self._referee(who)
        return await self.repository.arrears()

    async def works(self, who: Principal, contest_code: str) -> list[WorkBrief]:
        """Works of a contest; raises NotPermitted, NotFound."""
        referee = await self._referee(who)
        return await self._grading().works(referee, contest_code)

    async def work(self, who: Principal, work_code: str) -> Dossier:
        """One work; raises NotPermitted, NotFound."""
        referee = await self._referee(who)
        return await self._grading().work(referee, work_code)

    async def evidence(
        self, who: Principal, work_code: str, sha256: str, byte_range: str | None
    ) -> AbstractAsyncContextManager[EvidenceAnswer]:
        """A file of a work; raises NotPermitted, NotFound."""
        referee = await self._referee(who)
        return self._grading().evidence(referee, work_code, sha256, byte_range)

    async def overrulings(self, who: Principal, work_code: str) -> list[Overruling]:
        """Judgements of a work that the asker overruled; raises NotPermitted."""
        referee = await self._referee(who)
        return await self._grading().overrulings(referee, work_code)

    async def overrule(self, who: Principal, work_code: str, said: Overruling) -> list[Overruling]:
        """Overrule a judgement, or take that back; raises NotPermitted for who may only read, NotFound."""
        who.require(Permission.JUDGE_WORKS)
        referee = await self._referee(who)
        return await self._grading().overrule(referee, work_code, said)

    async def _referee(self, who: Principal) -> str:
        who.require(Permission.JUDGE_WORKS, Permission.READ_WORKS)
        return await self.repository.code(who.account_id)

    def _grading(self) -> Grading:
        if self.service is None:
            raise GradingAway
        return self.service
