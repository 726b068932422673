"""A history that ends with given answers: re-scoring offline (`ccss score chat_sim`)."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chat_sim import replies
from chat_sim.commands import ChatCommand
from chat_sim.content import ChatContent
from chat_sim.driving import Desk
from chat_sim.events import ChatEvent
from server.core.contract import Journalled

_commands: TypeAdapter[ChatCommand] = TypeAdapter(ChatCommand)
_KEYS = ("acts", "notes", "until_ms")


def history_of(content: ChatContent, answers: Mapping[str, Any]) -> list[Journalled[ChatEvent]]:
    """The shape of `chat_sim.handing_in.answers`, or {"replies": [...]}: `chat_sim.replies`.

    The acts happen again, each at its time, and the customers with them: a command that was accepted once is accepted
    again. Raises ValueError, naming the path.
    """
    if "replies" in answers:
        return replies.history_of(content, answers)
    if unknown := [key for key in answers if key not in _KEYS]:
        raise ValueError(f"answers.{unknown[0]}: 没有这一项，应为 {'、'.join(_KEYS)} 或 replies (no such key)")
    desk = Desk(content)
    for number, raw in enumerate(_list(answers.get("acts", []))):
        _act(desk, f"answers.acts.{number}", raw)
    until_ms = answers.get("until_ms", desk.now_ms)
    if not _is_time(until_ms) or until_ms < desk.now_ms:
        raise ValueError("answers.until_ms: 应为不早于最后一步的毫秒数 (milliseconds, not before the last act)")
    desk.wait_until(until_ms)
    notes = answers.get("notes", {})
    if not isinstance(notes, Mapping):
        raise ValueError("answers.notes: 应为对象 (must be an object)")
    for conversation, text in notes.items():
        raw = {"type": "chat_sim.save_field", "item": conversation, "field": "note", "text": text, "rev": 2**31}
        _send(desk, f"answers.notes.{conversation}", raw)
    return desk.history


def _list(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise ValueError("answers.acts: 应为数组 (must be an array)")
    return raw


def _is_time(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _act(desk: Desk, path: str, raw: Any) -> None:
    if not isinstance(raw, Mapping) or set(raw) != {"stage_ms", "command"} or not isinstance(raw["command"], Mapping):
        raise ValueError(f"{path}: 应为 {{stage_ms, command}} (must be an object of these two)")
    stage_ms = raw["stage_ms"]
    if not _is_time(stage_ms) or stage_ms < desk.now_ms:
        raise ValueError(f"{path}.stage_ms: 应为不早于前一步的毫秒数 (milliseconds, not before the act before it)")
    desk.wait_until(stage_ms)
    _send(desk, f"{path}.command", raw["command"])


def _send(desk: Desk, path: str, raw: Mapping[str, Any]) -> None:
    try:
        command = _commands.validate_python(raw)
    except ValidationError as error:
        places = "、".join(".".join(map(str, found["loc"])) or "type" for found in error.errors()[:3])
        raise ValueError(f"{path}: 指令格式不正确：{places} (malformed command)") from None
    refusal = desk.send(command)
    if refusal is not None:
        raise ValueError(f"{path}: {refusal.detail.zh} ({refusal.detail.en})")
