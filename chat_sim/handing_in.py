"""What a contestant hands in: progress, answers, receipt."""

import json
from collections.abc import Iterator
from typing import Any

from chat_sim.content import ChatContent
from chat_sim.state import Act, ChatState, arrivals, opaque
from server.core.contract import Progress, ReceiptLine
from server.core.text import Text


def progress(content: ChatContent, state: ChatState) -> Progress:
    """Conversations that are over, of all customers that will come."""
    done = sum(own.ended_ms is not None for own in state.conversations)
    return Progress(done=done, total=len(arrivals(content)))


def answers(content: ChatContent, state: ChatState) -> dict[str, Any]:
    """Everything that was done, as commands with their stage times: `chat_sim.offline` lets it happen again.

    `until_ms`: when something happened last. What was typed and not sent plays no part, notes stand at the end.
    """
    notes = {opaque(content, persona_id): fields["note"].text for persona_id, fields in _noted(state)}
    acts = [
        {"stage_ms": act.at_ms, "command": command}
        for number, act in enumerate(state.acts)
        for command in _commands(content, state, act, number)
    ]
    return {"acts": acts, "notes": dict(sorted(notes.items())), "until_ms": state.last_ms}


def _noted(state: ChatState) -> Iterator[tuple[str, dict[str, Any]]]:
    for persona_id, fields in state.texts.items():
        if "note" in fields and fields["note"].text:
            yield persona_id, fields


def _commands(content: ChatContent, state: ChatState, act: Act, number: int) -> Iterator[dict[str, Any]]:
    """The commands of an act, as they go over the wire; `number` is its place, by which revisions grow."""
    ref = act.ref
    match act.kind:
        case "nickname":
            yield _command("set_nickname", nickname=ref)
        case "accept":
            yield _command("accept", conversation=opaque(content, ref))
        case "send":
            said = state.messages[int(ref) - 1]
            values = {} if said.canned is None else {"canned": said.canned}
            yield _command("send", conversation=opaque(content, said.conversation), text=said.text, **values)
        case "send_product":
            shown = state.messages[int(ref) - 1]
            yield _command("send_product", conversation=opaque(content, shown.conversation), product=shown.product)
        case "send_order":
            order = state.order(ref)
            assert order is not None
            own = opaque(content, order.conversation)
            lines = [line.model_dump(mode="json") for line in order.lines]
            yield _command("set_order", conversation=own, lines=lines, coupon=order.coupon, rev=number + 1)
            yield _command("send_order", conversation=own)
        case "cancel_order":
            yield _command("cancel_order", order=ref)
        case "close":
            closed = state.conversation(ref)
            assert closed is not None
            remark = {"remark": closed.remark} if closed.remark else {}
            yield _command("close", conversation=opaque(content, ref), reason=closed.reason, **remark)
        case "search":
            yield _command("search", query=ref)
        case "article" | "product":
            yield _command(f"open_{act.kind}", id=ref or None)
        case "picture":
            yield _command("open_picture", n=int(ref))
        case "calculate":
            yield _command("calculate", **json.loads(ref))


def _command(kind: str, /, **values: Any) -> dict[str, Any]:
    return {"type": f"chat_sim.{kind}", **values}


def receipt(content: ChatContent, state: ChatState) -> list[ReceiptLine]:
    """Counts for the hand-in."""
    accepted = [own for own in state.conversations if own.accepted_ms is not None]
    ended = sum(own.ended_ms is not None for own in accepted)
    sent = sum(message.by == "agent" for message in state.messages)
    paid = [order for order in state.orders if order.status == "paid"]
    total = sum((order.total for order in paid), start=0)
    return [
        _line("接待客户", "Customers served", f"{len(accepted)} / {len(arrivals(content))}"),
        _line("已结束会话", "Conversations closed", f"{ended} / {len(accepted)}"),
        _line("发出消息", "Messages sent", str(sent)),
        _line("已付款订单", "Orders paid", f"{len(paid)}（¥{total:.2f}）"),
    ]


def _line(zh: str, en: str, value: str) -> ReceiptLine:
    return ReceiptLine(title=Text(zh=zh, en=en), value=value)
