"""Trying a task out (试做): the module's own rules in virtual time, from acts that come with the request.

Nothing is kept: a trial is worked out anew from its first act, so that equal acts give equal results.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from anyio import CapacityLimiter, to_thread
from pydantic import ValidationError

from server.core.access import Principal
from server.core.contract import AnyModule, Content, Due, Refusal
from server.core.errors import Invalid, TooLarge, faults_of
from server.core.phases import Moment, Phase
from server.core.text import Text
from server.papers.bank import BankService
from server.papers.bank_schemas import Trial, TrialAct, TrialEvent, TrialRefusal, TrialView

MOST_EVENTS = 20_000
MOST_CPU_S = 5.0


@dataclass(frozen=True, slots=True)
class Trials:
    """Tasks of the bank, tried out by whoever may see them."""

    bank: BankService
    turn: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    """One is worked out at a time: a stage may be running beside it."""

    async def run(self, who: Principal, task_id: str, body: Trial) -> TrialView:
        """The task after these acts; raises NotFound, NotPermitted, TooLarge, Invalid if the draft can't be tried."""
        task = await self.bank.open(who, task_id)
        return await to_thread.run_sync(
            lambda: played(task.module, task.author.trial(task.draft, body.part), body), limiter=self.turn
        )


def played(module: AnyModule, content: Content, body: Trial) -> TrialView:
    """See `Trials.run`. Pure but for the guard on the time it takes."""
    run = _Run(module, content)
    for index, act in enumerate(body.acts):
        run.act(index, act)
    run.wait(min(body.until_ms, content.duration_ms))
    return run.view()


class _Run:
    """A stage in virtual time."""

    def __init__(self, module: AnyModule, content: Content) -> None:
        self._module, self._content = module, content
        self._state = module.initial(content, 0)
        self._now_ms = 0
        self._events: list[TrialEvent] = []
        self._refusals: list[TrialRefusal] = []
        self._until_s = time.thread_time() + MOST_CPU_S

    def act(self, index: int, act: TrialAct) -> None:
        """A command; one that is earlier than the one before counts as sent at once after it."""
        self._guard()
        self.wait(min(act.stage_ms, self._content.duration_ms))
        if act.stage_ms >= self._content.duration_ms:
            over = Refusal(Text(zh="作答时间已到", en="The time is over"))
            self._refusals.append(TrialRefusal(index=index, problem=over.body("trial")))
            return
        try:
            command = self._module.parse_command(act.command)
        except ValidationError as error:
            found = faults_of(error.errors(include_url=False, include_context=False, include_input=False))
            problem = Invalid(
                Text(zh="操作的格式不对", en="The command breaks its schema"),
                faults=[fault.model_dump(mode="json", by_alias=True) for fault in found],
            )
            self._refusals.append(TrialRefusal(index=index, problem=problem.body("trial")))
            return
        decided = self._module.decide(self._content, self._state, command, self._moment())
        if isinstance(decided, Refusal):
            self._refusals.append(TrialRefusal(index=index, problem=decided.body("trial")))
        else:
            self._take(decided)

    def wait(self, until_ms: int) -> None:
        """Let everything happen that is due up to a moment."""
        while (due := self._module.due(self._content, self._state)) is not None and due <= until_ms:
            self._guard()
            self._now_ms = max(self._now_ms, due)
            decided = self._module.decide(self._content, self._state, Due(), self._moment())
            if isinstance(decided, Refusal) or not decided:
                break
            self._take(decided)
        self._now_ms = max(self._now_ms, until_ms)

    def view(self) -> TrialView:
        """How everything stands."""
        due = self._module.due(self._content, self._state)
        return TrialView(
            content=_json(self._module.seat_content(self._content)),
            state=_json(self._module.seat_state(self._content, self._state)),
            live=None if (live := self._module.seat_live(self._content, self._state)) is None else _json(live),
            now_ms=self._now_ms,
            refusals=tuple(self._refusals),
            events=tuple(self._events),
            due_ms=None if due is None or due >= self._content.duration_ms else due,
        )

    def _take(self, events: list[Any]) -> None:
        for event in events:
            self._state = self._module.apply(self._content, self._state, event)
            self._events.append(TrialEvent(stage_ms=self._now_ms, event=_json(event)))
        self._guard()

    def _moment(self) -> Moment:
        left_ms = self._content.duration_ms - self._now_ms
        return Moment(utc_ms=self._now_ms, stage_ms=self._now_ms, left_ms=left_ms, phase=Phase.RUNNING)

    def _guard(self) -> None:
        if len(self._events) > MOST_EVENTS or time.thread_time() > self._until_s:
            raise TooLarge(
                Text(zh="这次试做的操作太多，请重新开始", en="Too much has happened in this trial: begin anew")
            )


def _json(value: Any) -> dict[str, Any]:
    return dict(value.model_dump(mode="json", by_alias=True))
