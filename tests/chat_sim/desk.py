"""A small shop with three customers, and a desk whose history is told event by event: for figures to the digit."""

from collections.abc import Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

from chat_sim import events as e
from chat_sim.content import ChatContent
from chat_sim.keyed import key_id
from chat_sim.persona import Need
from chat_sim.scoring import score
from chat_sim.sheet import ChatSheet
from chat_sim.understanding.judge import RULES, settle, understand
from server.core.contract import Journalled
from server.core.outcome import Outcome


def _product(id_: str, name: str, price: str) -> dict[str, Any]:
    sku = {"id": id_, "name": "标准", "stock": 5}
    return {"id": f"p-{id_}", "name": name, "category": "户外", "skus": [sku], "list_price": price, "price": price}


SHOP: dict[str, Any] = {
    "name": "演示户外店",
    "products": [_product("shoe", "徒步鞋", "569"), _product("sock", "羊毛袜", "86"), _product("bag", "腰包", "199")],
    "promotions": [
        {"id": "r", "kind": "full_reduction", "title": "满599减50", "step": 2, "threshold": "599", "off": "50"}
    ],
    "articles": [{"id": "a1", "title": "发货说明", "body": "48小时内发货"}],
}


def _need(id_: str, kind: str, asks: str, *facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": kind,
        "title": id_,
        "asks": [asks],
        "facts": deepcopy(facts),
        "reference": "参考",
        **deepcopy(more),
    }


def _persona(id_: str, arrives_ms: int, needs: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": f"客户{id_}",
        "profile": "演示客户",
        "arrives_ms": arrives_ms,
        "needs": needs,
        "nudges": ["在吗"],
        "leaves": "不等了",
        "offended": "怎么这样说话",
        "no_thanks": "不用了",
        "closing": "好的，再见",
        **more,
    }


SIZE = {"id": "f", "title": "尺码", "kind": "size", "accept": ["42"]}
DAYS = {"id": "f", "title": "发货时间", "accept": ["48小时"]}
WATER = {"id": "f", "title": "防水", "accept": ["不防水"]}
WRONG = {"id": "w", "title": "说成防水", "phrases": ["完全防水"]}


def raw_content(**more: Any) -> dict[str, Any]:
    """As JSON: a comes at 0 s with two needs and buys, b at 10 s with one, c at 600 s."""
    order = {"sku": "shoe", "quantity": 1}
    buys = {
        "items": [order],
        "ready": "给我下单吧",
        "paid": "付好了",
        "wrong_items": "不是这些",
        "too_dear": "太贵",
        "declines": "再看看",
    }
    sock = {"product": "p-sock", "accepts": True, "says": "好，一起买", "adds": {"sku": "sock", "quantity": 1}}
    return {
        "schema_version": 1,
        "title": {"zh-CN": "在线服务小卷"},
        "instructions": {"zh-CN": "接待三位客户"},
        "duration_ms": 1_800_000,
        "shop": SHOP,
        "personas": [
            _persona(
                "a",
                0,
                [_need("n1", "size", "穿几码", SIZE), _need("n2", "shipping", "几天发货", DAYS)],
                purchase=buys,
                suggestions=[sock],
            ),
            _persona("b", 10_000, [_need("n1", "product", "防水吗", WATER, wrong=[WRONG])]),
            _persona("c", 600_000, [_need("n1", "product", "防水吗", WATER)]),
        ],
        "forbidden": [{"word": "随便你"}],
        **more,
    }


def desk_content(**more: Any) -> ChatContent:
    """The paper."""
    return ChatContent.model_validate(raw_content(**more), strict=False)


class Desk:
    """A history, event by event; what the agent says is judged as the server would judge it."""

    def __init__(self, content: ChatContent | None = None) -> None:
        self.content = content or desk_content()
        self.history: list[Journalled[e.ChatEvent]] = []
        self.n = 0
        self.open: dict[str, dict[str, list[e.Finding]]] = {}
        self.courtesy: dict[str, list[Any]] = {}

    def add(self, event: e.ChatEvent) -> None:
        """It happens."""
        seq = len(self.history) + 1
        self.history.append(Journalled(seq, 1_000_000 + event.stage_ms, event.stage_ms, event))

    def _next(self) -> int:
        self.n += 1
        return self.n

    def asks(self, at_ms: int, who: str, need: str, text: str = "请问") -> None:
        """A need is put."""
        self.open.setdefault(who, {})[need] = []
        self.heard(at_ms, who, "ask", text, need=need)

    def heard(self, at_ms: int, who: str, cause: str, text: str = "话", **more: Any) -> None:
        """The customer says something."""
        raw = {"stage_ms": at_ms, "conversation": who, "n": self._next(), "text": text, "cause": cause, **more}
        self.add(e.CustomerSaid.model_validate(raw))

    def accept(self, at_ms: int, who: str) -> None:
        """接入."""
        self.add(e.Accepted(stage_ms=at_ms, conversation=who))

    def says(self, at_ms: int, who: str, text: str, suggested: Sequence[str] = (), **more: Any) -> None:
        """The agent says something."""
        persona = self.content.persona(who)
        assert persona is not None
        needs: list[Need] = [need for need in persona.needs if need.id in self.open.get(who, {})]
        understood = understand(self.content, persona, needs, text)
        self.courtesy.setdefault(who, []).extend(understood.courtesy)
        verdicts = []
        for need in needs:
            found = self.open[who][need.id]
            found += [one for one in understood.findings if one.need == need.id]
            verdict = settle(need, found, self.courtesy[who], understood)
            verdicts.append(e.NeedVerdict(need=need.id, verdict=verdict))
        self.add(
            e.AgentSaid(
                stage_ms=at_ms,
                conversation=who,
                n=self._next(),
                text=text,
                rules=RULES,
                key=key_id(self.content, persona),
                findings=understood.findings,
                needs=tuple(verdicts),
                courtesy=understood.courtesy,
                forbidden=understood.forbidden,
                suggested=tuple(suggested),
                **more,
            )
        )

    def settles(self, at_ms: int, who: str, need: str, met: bool, by: int | None = None) -> None:
        """A need is done with."""
        self.open[who].pop(need, None)
        self.add(e.NeedSettled(stage_ms=at_ms, conversation=who, need=need, met=met, by=by))

    def orders(self, at_ms: int, who: str, order: str, total: str, *skus: str) -> None:
        """An order is sent."""
        raw = {
            "stage_ms": at_ms,
            "conversation": who,
            "n": self._next(),
            "order": order,
            "lines": [{"sku": sku, "quantity": 1} for sku in skus],
            "coupon": "",
            "total": Decimal(total),
        }
        self.add(e.OrderSent.model_validate(raw))

    def pays(self, at_ms: int, who: str, order: str) -> None:
        """It is paid."""
        self.add(e.OrderPaid(stage_ms=at_ms, conversation=who, order=order))

    def ends(self, at_ms: int, who: str, by: str = "agent", reason: str = "solved", stars: int = 5) -> None:
        """A conversation is over."""
        raw = {"stage_ms": at_ms, "conversation": who, "by": by, "reason": reason, "stars": stars}
        self.add(e.ConversationEnded.model_validate(raw))

    def outcome(self, content: ChatContent | None = None) -> Outcome:
        """The outcome, by this key or by another."""
        return score(content or self.content, self.history, {})

    def sheet(self, content: ChatContent | None = None) -> ChatSheet:
        """Its sheet."""
        return ChatSheet.model_validate(self.outcome(content).sheet)


def good_desk() -> Desk:
    """Two customers served well, the first of whom buys with a recommendation; the third never came."""
    desk = Desk()
    desk.asks(0, "a", "n1")
    desk.add(e.NicknameSet(stage_ms=1_000, nickname="小山"))
    desk.accept(5_000, "a")
    desk.asks(10_000, "b", "n1")
    desk.says(12_000, "a", "您好，建议选42码")
    desk.settles(15_000, "a", "n1", True, 3)
    desk.asks(15_000, "a", "n2")
    desk.accept(20_000, "b")
    desk.says(25_000, "a", "48小时内发货，搭配羊毛袜更舒服", ["p-sock"])
    desk.settles(28_000, "a", "n2", True, 5)
    desk.heard(28_000, "a", "suggestion", product="p-sock", accepted=True)
    desk.heard(28_500, "a", "ready")
    desk.orders(35_000, "a", "o1", "605.00", "shoe", "sock")
    desk.says(40_000, "b", "您好，这款不防水")
    desk.settles(43_000, "b", "n1", True, 9)
    desk.heard(43_000, "b", "closing")
    desk.pays(45_000, "a", "o1")
    desk.heard(45_000, "a", "paid")
    desk.heard(46_000, "a", "closing")
    desk.says(50_000, "a", "祝您出行愉快，再见")
    desk.ends(51_000, "a", reason="ordered")
    desk.says(60_000, "b", "再见")
    desk.ends(61_000, "b")
    return desk
