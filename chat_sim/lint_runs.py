"""What scripted agents prove: the perfect one satisfies a customer, the silent one doesn't; who is there at once (ms).

Runs are pure and slow (about 10 ms each), so that what they found is kept by what it depends on.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import NamedTuple

from chat_sim.content import ChatContent
from chat_sim.events import ConversationEnded, CustomerSaid
from chat_sim.lint_faults import doubt, wrong
from chat_sim.persona import Persona
from chat_sim.scripted import Agent, Played, play
from chat_sim.state import ConversationState
from server.core.errors import Fault
from server.core.frozen import canonical_json, sha256_hex

ALONE_MS = 3_600_000
"""How long a customer is served when nobody else is there."""
_KEPT = 600
_known: OrderedDict[str, tuple[Fault, ...]] = OrderedDict()
_lock = Lock()


def remembered(key: str, work: Callable[[], Iterator[Fault]]) -> tuple[Fault, ...]:
    """What was found for the same things before, or is found now."""
    with _lock:
        if (found := _known.get(key)) is not None:
            _known.move_to_end(key)
            return found
    found = tuple(work())
    with _lock:
        _known[key] = found
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return found


def key_of(*parts: object) -> str:
    """By what a finding is kept."""
    return sha256_hex(canonical_json(list(parts)))


def alone(content: ChatContent, persona: Persona) -> ChatContent:
    """The content with this customer only, who comes at once."""
    only = persona.model_copy(update={"arrives_ms": 0})
    duration_ms = max(content.duration_ms, ALONE_MS)
    return content.model_copy(update={"personas": (only,), "duration_ms": duration_ms})


def proofs(content: ChatContent, persona: Persona) -> Iterator[Fault]:
    """Whether the best service satisfies the customer, and none doesn't; paths below the persona."""
    only = alone(content, persona)
    served = _of(play(only, "perfect"), persona.id)
    if served is None:
        yield wrong("needs", "按参考答案服务时，这位客户没有出现", "The customer never came")
        return
    by_id = {need.id: number for number, need in enumerate(persona.needs)}
    put = {need.id: need for need in served.needs}
    for need in persona.needs:
        state, path = put.get(need.id), f"needs.{by_id[need.id]}"
        if state is None:
            yield wrong(
                path,
                "按参考答案服务，客户也没有问到这里就离开了：请检查耐心和前面的需求",
                "Served by the references, the customer leaves before it comes to this",
            )
        elif not state.settled:
            yield wrong(
                path,
                "按参考答案服务，客户也不满意：请检查要点和参考答案",
                "The reference does not satisfy the customer",
            )
    if persona.purchase is not None and not served.paid:
        yield wrong(
            "purchase",
            "按参考答案服务、订单完全正确，客户也不付款：请检查至少满足的需求数、预算、优惠券和推荐",
            "Served by the references, with the right order, the customer does not pay",
        )
    if served.stars is not None and served.stars < 4:
        zh = f"按参考答案服务，客户也只给 {served.stars} 星：请检查评分规则"
        yield doubt("rating", zh, f"The best service gets {served.stars} stars")
    yield from _unserved(only, persona)


def _unserved(only: ChatContent, persona: Persona) -> Iterator[Fault]:
    left = _of(play(only, "silent"), persona.id)
    if left is None:
        return
    met = [need.id for need in left.needs if need.settled]
    if met:
        titles = "、".join(need.title for need in persona.needs if need.id in met)
        yield wrong("needs", f"什么都不回复，客户也会满足“{titles}”", f"Silence meets needs: {', '.join(met)}")
    if left.paid:
        yield wrong("purchase", "什么都不回复，客户也会付款", "The customer pays though nobody answers")
    if left.stars is not None and left.stars >= 4:
        zh = f"什么都不回复，客户也给 {left.stars} 星：请检查评分规则"
        yield wrong("rating", zh, f"Silence gets {left.stars} stars")


class Crowd(NamedTuple):
    """How many customers were there at once, at most, and when first; who was not done with at the end."""

    most: int
    at_ms: int
    unfinished: tuple[str, ...]


def crowd(content: ChatContent, agent: Agent = "perfect") -> Crowd:
    """All customers of a paper, served as they come."""
    played = play(content, agent)
    moments: list[tuple[int, int]] = []
    arrived: set[str] = set()
    ended: set[str] = set()
    for one in played.history:
        event = one.event
        if isinstance(event, CustomerSaid) and event.conversation not in arrived:
            arrived.add(event.conversation)
            moments.append((event.stage_ms, 1))
        elif isinstance(event, ConversationEnded):
            ended.add(event.conversation)
            moments.append((event.stage_ms, -1))
    here = most = at_ms = 0
    for ms, change in sorted(moments):
        here += change
        if here > most:
            most, at_ms = here, ms
    return Crowd(most, at_ms, tuple(p.id for p in content.personas if p.id in arrived and p.id not in ended))


def whole(content: ChatContent, numbers: Sequence[int]) -> Iterator[Fault]:
    """Whether one agent can serve all of them as they come; paths of the draft."""
    found = crowd(content)
    if found.most > content.policy.most_open:
        yield doubt(
            "policy.most_open",
            f"按正常速度服务，第 {found.at_ms // 60_000} 分 {found.at_ms // 1000 % 60} 秒同时有 {found.most} 位客户，"
            f"超过同时接待的 {content.policy.most_open} 位：多的人在排队，请错开到达时间或放宽人数",
            f"{found.most} customers are there at once, more than {content.policy.most_open} may be served",
        )
    for number, persona in zip(numbers, content.personas, strict=True):
        if persona.id in found.unfinished and persona.arrives_ms < content.duration_ms:
            yield doubt(
                f"personas.{number}.arrives_ms",
                "按正常速度服务，到作答结束时这位客户还没有服务完：请提前到达，或延长时间",
                "Even a fast agent is not done with this customer at the end of the task",
            )


def _of(played: Played, persona: str) -> ConversationState | None:
    return next((one for one in played.state.conversations if one.id == persona), None)
