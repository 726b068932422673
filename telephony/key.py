"""The key of a voice paper: phrases by which a key point is recognised. Hints for referees, never marks."""

from collections.abc import Iterator, Mapping, Sequence

from server.core.contract import KeyLine
from server.core.text import Text
from telephony.content import InboundPart, KeyPoint, OutboundPart, RetellPart, SummaryPart, TelephonyContent, VoicePart

MOST_PHRASES = 30
LONGEST_PHRASE = 100
_AnyPart = InboundPart | OutboundPart | RetellPart | SummaryPart


def key(content: TelephonyContent) -> list[KeyLine]:
    """Every key point, in the order of the paper: `parts.<part>.<turn or points>.<key point>`."""
    lines = []
    for part in content.parts:
        for place, shown, points in _places(part):
            for point in points:
                title = Text(zh=f"{part.title.zh} · {shown} · {point.title}")
                lines.append(KeyLine(path=_path(part, place, point), title=title, accepted=point.phrases))
    return lines


def with_key(content: TelephonyContent, accepted: Mapping[str, Sequence[str]]) -> TelephonyContent:
    """The paper with these phrases by path; raises ValueError that names every path at fault."""
    given = {path: tuple(dict.fromkeys(phrases)) for path, phrases in accepted.items()}
    held = {line.path: line.accepted for line in key(content)}
    changed = {path: phrases for path, phrases in given.items() if phrases != held.get(path)}
    wrong = [f"{path}: 没有这一要点 (no such key point)" for path in changed if path not in held]
    wrong += [f"{path}: {fault}" for path, phrases in changed.items() if path in held and (fault := _fault(phrases))]
    if wrong:
        raise ValueError("；".join(wrong))
    return content.model_copy(update={"parts": tuple(_changed(part, changed) for part in content.parts)})


def _fault(phrases: tuple[str, ...]) -> str:
    if not 1 <= len(phrases) <= MOST_PHRASES:
        return f"应有 1 至 {MOST_PHRASES} 种说法 (give 1 to {MOST_PHRASES} phrases)"
    for phrase in phrases:
        if not phrase.strip():
            return "说法不能为空 (a phrase must not be blank)"
        if len(phrase) > LONGEST_PHRASE:
            return f"“{phrase[:20]}…”超过 {LONGEST_PHRASE} 字 (longer than {LONGEST_PHRASE} characters)"
    return ""


def _places(part: _AnyPart) -> Iterator[tuple[str, str, tuple[KeyPoint, ...]]]:
    """Where key points stand: id and title of the place, and the points."""
    if isinstance(part, InboundPart):
        for turn in part.turns:
            yield turn.id, turn.hint, turn.key_points
    else:
        yield "points", "要点", part.key_points


def _path(part: _AnyPart, place: str, point: KeyPoint) -> str:
    return f"parts.{part.id}.{place}.{point.id}"


def _changed(part: _AnyPart, changed: Mapping[str, tuple[str, ...]]) -> VoicePart:
    def points(place: str, old: tuple[KeyPoint, ...]) -> tuple[KeyPoint, ...]:
        return tuple(
            point.model_copy(update={"phrases": changed.get(_path(part, place, point), point.phrases)}) for point in old
        )

    if isinstance(part, InboundPart):
        turns = tuple(turn.model_copy(update={"key_points": points(turn.id, turn.key_points)}) for turn in part.turns)
        return part.model_copy(update={"turns": turns})
    return part.model_copy(update={"key_points": points("points", part.key_points)})
