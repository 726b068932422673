"""The automatic outcome of 在线服务: figures, a mark proposed for 服务指标, a sheet to mark the rest by."""

from collections.abc import Iterator, Sequence

from chat_sim import events as e
from chat_sim import indicators, measures, sheeting
from chat_sim.content import ChatContent
from chat_sim.events import ChatEvent
from chat_sim.reckoning import Reckoning, reckon
from chat_sim.rubric import INDICATORS
from chat_sim.understanding.judge import RULES
from server.core.contract import Facts, Journalled
from server.core.outcome import EvidencePointer, Outcome

SCORER_VERSION = "chat_sim/1"


def score(content: ChatContent, history: Sequence[Journalled[ChatEvent]], facts: Facts) -> Outcome:
    """The outcome: every reply judged anew by the key and the rules as they stand; nothing but the journal counts."""
    found = reckon(content, history)
    made = sheeting.sheet(found)
    return Outcome(
        module="chat_sim",
        scorer_version=SCORER_VERSION,
        policy={
            "marks": "partly",
            "rules": RULES,
            "gap": content.rubric.gap,
            "indicators": [one.model_dump(mode="json") for one in content.indicators],
        },
        measures=measures.of_desk(found),
        marks=(indicators.mark(found, made.indicators),) if content.max_marks else (),
        sheet=made.model_dump(mode="json", by_alias=True),
        evidence=tuple(_evidence(found)),
    )


def _evidence(found: Reckoning) -> Iterator[EvidencePointer]:
    """Events by sequence number, for the criteria that they speak to; in order of the journal."""
    orders = (e.OrderSent, e.OrderPaid, e.OrderEnded)
    looked_up = (e.Searched, e.ArticleOpened, e.ProductOpened)
    replies = {reply.seq: reply for talk in found.talks.values() for reply in talk.replies}
    for entry in found.history:
        criteria: tuple[str, ...] = ()
        event = entry.event
        reply = replies.get(entry.seq)
        if reply is not None:
            if reply.courtesy or reply.forbidden:
                criteria += ("wording",)
            if reply.findings:
                criteria += ("knowledge",)
            if reply.event.suggested:
                criteria += ("closing",)
        elif isinstance(event, orders):
            criteria = ("closing",)
        elif isinstance(event, looked_up):
            criteria = ("knowledge",)
        elif isinstance(event, e.NeedSettled | e.ConversationEnded):
            criteria = (INDICATORS,)
        for criterion in criteria:
            yield EvidencePointer(criterion=criterion, kind="event", ref=str(entry.seq))
