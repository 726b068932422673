"""An empty voice task."""

from decimal import Decimal

from server.core.text import Text
from telephony.draft import DraftInbound, DraftLine, DraftTurn, TelephonyDraft

DURATION_MS = 15 * 60_000
INBOUND_MARKS = Decimal(15)
INSTRUCTIONS = Text(
    zh="请先阅读情景，电话响起后接听。每一轮按显示提示写出话术并说出来，说完后按“说完了”。查询知识库和业务系统后再答复客户。",
    en="Read the case first, then take the call when it rings. In each turn write what you are going to say by the "
    "hint, say it, and press the key for the end of your turn. Look things up before you answer.",
)
INBOUND_TITLE = Text(zh="呼入客户咨询", en="Inbound call")


def blank(title: Text) -> TelephonyDraft:
    """A task of one inbound call with one empty turn, in which the customer speaks first."""
    turn = DraftTurn(id="t01", customer=DraftLine(id="c01"))
    part = DraftInbound(id="in1", title=INBOUND_TITLE, marks=INBOUND_MARKS, turns=(turn,))
    return TelephonyDraft(title=title, duration_ms=DURATION_MS, instructions=INSTRUCTIONS, parts=(part,))
