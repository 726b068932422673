"""The key of a chat paper: what answers a need, by fact. Corrected, it is scored by; no customer speaks differently."""

from collections.abc import Mapping, Sequence

from chat_sim.content import ChatContent
from chat_sim.persona import Fact, Need, Persona
from server.core.contract import KeyLine
from server.core.text import Text

MOST_WORDINGS = 30
LONGEST_WORDING = 60


def key(content: ChatContent) -> list[KeyLine]:
    """Every fact, in the order of the paper: `<persona>.<need>.<fact>`."""
    return [
        KeyLine(
            path=_path(persona, need, fact),
            title=Text(zh=f"{persona.name} · {need.title} · {fact.title}"),
            accepted=fact.accept,
        )
        for persona in content.personas
        for need in persona.needs
        for fact in need.facts
    ]


def with_key(content: ChatContent, accepted: Mapping[str, Sequence[str]]) -> ChatContent:
    """The paper with these wordings or values by path; raises ValueError that names every path at fault."""
    given = {path: tuple(dict.fromkeys(wordings)) for path, wordings in accepted.items()}
    held = {line.path: line.accepted for line in key(content)}
    changed = {path: wordings for path, wordings in given.items() if wordings != held.get(path)}
    wrong = [f"{path}: 没有这一应答要点 (no such fact)" for path in changed if path not in held]
    wrong += [f"{path}: {fault}" for path, wordings in changed.items() if path in held and (fault := _fault(wordings))]
    if wrong:
        raise ValueError("；".join(wrong))
    if not changed:
        return content
    personas = tuple(_persona(persona, changed) for persona in content.personas)
    return content.model_copy(update={"personas": personas})


def _fault(wordings: tuple[str, ...]) -> str:
    if not 1 <= len(wordings) <= MOST_WORDINGS:
        return f"应有 1 至 {MOST_WORDINGS} 种说法 (give 1 to {MOST_WORDINGS} wordings)"
    for wording in wordings:
        if not wording.strip():
            return "说法不能为空 (a wording must not be blank)"
        if len(wording) > LONGEST_WORDING:
            return f"“{wording[:20]}…”超过 {LONGEST_WORDING} 字 (longer than {LONGEST_WORDING} characters)"
    return ""


def _path(persona: Persona, need: Need, fact: Fact) -> str:
    return f"{persona.id}.{need.id}.{fact.id}"


def _persona(persona: Persona, changed: Mapping[str, tuple[str, ...]]) -> Persona:
    needs = []
    for need in persona.needs:
        facts = tuple(
            fact.model_copy(update={"accept": changed.get(_path(persona, need, fact), fact.accept)})
            for fact in need.facts
        )
        needs.append(need.model_copy(update={"facts": facts}))
    return persona.model_copy(update={"needs": tuple(needs)})
