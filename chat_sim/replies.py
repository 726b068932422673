"""Single replies judged without time: `ccss score chat_sim` with {"replies": [{"persona", "need", "text"}]}."""

from collections.abc import Mapping
from typing import Any

from chat_sim import events as e
from chat_sim import hearing
from chat_sim.content import ChatContent
from chat_sim.events import Finding
from chat_sim.persona import Courtesy, Need, Persona
from chat_sim.understanding.judge import RULES, settle, understand
from server.core.contract import Journalled

_KEYS = {"persona", "need", "text"}


def history_of(content: ChatContent, answers: Mapping[str, Any]) -> list[Journalled[e.ChatEvent]]:
    """Each need is asked, and the reply judged with this need open; replies to the same need add up, in their order.

    The sheet of the outcome says what was found in each. Raises ValueError, naming the path.
    """
    if set(answers) != {"replies"} or not isinstance(answers["replies"], list):
        raise ValueError("answers.replies: 应为数组，且不与其他项同用 (must be an array, and alone)")
    told = _Told(content)
    for number, raw in enumerate(answers["replies"]):
        path = f"answers.replies.{number}"
        if not isinstance(raw, Mapping) or set(raw) != _KEYS or not all(isinstance(raw[key], str) for key in _KEYS):
            raise ValueError(
                f"{path}: 应为 {{persona, need, text}}，值为文本 (must be an object of these, all strings)"
            )
        persona = content.persona(raw["persona"])
        if persona is None:
            raise ValueError(f"{path}.persona: 试卷中没有这位客户 (no such customer)")
        need = next((own for own in persona.needs if own.id == raw["need"]), None)
        if need is None or need.kind == "silence":
            raise ValueError(f"{path}.need: 这位客户没有这项需求，或它是沉默 (no such need, or a silence)")
        told.reply(persona, need, hearing.cleaned(raw["text"]).strip())
    return told.settled()


class _Told:
    """Conversations in which nothing is said but these replies."""

    def __init__(self, content: ChatContent) -> None:
        self._content = content
        self._history: list[Journalled[e.ChatEvent]] = []
        self._count = 0
        self._met: dict[tuple[str, str], int | None] = {}
        self._findings: dict[tuple[str, str], tuple[Finding, ...]] = {}
        self._courtesy: dict[tuple[str, str], tuple[Courtesy, ...]] = {}

    def reply(self, persona: Persona, need: Need, text: str) -> None:
        key = persona.id, need.id
        if all(persona_id != persona.id for persona_id, _ in self._met):
            self._ask(persona, need)
            self._add(e.Accepted(stage_ms=0, conversation=persona.id))
        elif key not in self._met:
            self._ask(persona, need)
        understood = understand(self._content, persona, [need], text)
        self._findings[key] = (*self._findings.get(key, ()), *understood.findings)
        self._courtesy[key] = (*self._courtesy.get(key, ()), *understood.courtesy)
        verdict = settle(need, self._findings[key], self._courtesy[key], understood)
        self._count += 1
        if verdict != "nothing" or key not in self._met:
            self._met[key] = self._count if verdict == "met" else None
        self._add(
            e.AgentSaid(
                stage_ms=0,
                conversation=persona.id,
                n=self._count,
                text=text,
                rules=RULES,
                findings=understood.findings,
                needs=(e.NeedVerdict(need=need.id, verdict=verdict),),
                courtesy=understood.courtesy,
                forbidden=understood.forbidden,
            )
        )

    def settled(self) -> list[Journalled[e.ChatEvent]]:
        """The history, at whose end every need is settled as it stands."""
        for (persona_id, need_id), by in self._met.items():
            self._add(e.NeedSettled(stage_ms=0, conversation=persona_id, need=need_id, met=by is not None, by=by))
        return self._history

    def _ask(self, persona: Persona, need: Need) -> None:
        self._count += 1
        text = need.asks[0] if need.asks else need.title
        self._add(
            e.CustomerSaid(stage_ms=0, conversation=persona.id, n=self._count, text=text, cause="ask", need=need.id)
        )

    def _add(self, event: e.ChatEvent) -> None:
        self._history.append(Journalled(len(self._history) + 1, 0, 0, event))
