"""Whole rounds for tests of what comes after: an inbound case and a deal, with look-ups and a retake."""

from server.core.media import LegDown, LegUp, Trouble
from tests.support.voice import ID_NUMBER
from tests.telephony.driving import Round

MEMBER = {"part": "out1", "name": "演示会员", "id_number": ID_NUMBER, "package": "p1"}


def inbound_case(round_: Round) -> None:
    """Three turns: the first spoken twice, a search, a look-up with a wrong check, a hold of 4 s, a transfer."""
    call = "in1.1"
    round_.send("open_part", part="in1")
    round_.wait(1_000)
    round_.report(call, LegUp(leg="seat", connection=1))
    round_.send("answer", call=call)
    round_.hear(call, 1)
    round_.send("replay", call=call)
    round_.hear(call, 2)
    round_.send("search", query="改地址")
    round_.wait(2_500)
    round_.send("open_article", id="a1")
    round_.wait(3_000)
    round_.send("open_article", id=None)
    spoken(round_, call, "t1", "您好，演示速运，请讲。", again=True)
    round_.hear(call, 3)
    round_.send("look_up", query="YD20260001")
    round_.send("open_record", id="r1")
    round_.send("verify", record="r1", digits="8760")
    round_.wait(500)
    round_.send("verify", record="r1", digits="0098")
    round_.send("hold", call=call, on=True)
    round_.wait(4_000)
    round_.send("hold", call=call, on=False)
    spoken(round_, call, "t2", "已为您核实，请稍等。")
    round_.report(call, Trouble(kind="no_sound", began=True))
    round_.wait(700)
    round_.report(call, Trouble(kind="no_sound", began=False))
    round_.send("change_address", record="r1", address="演示市新路 9 号")
    spoken(round_, call, "t3", "已经改好，再见。")
    round_.send("transfer", call=call, to="售后服务")
    round_.report(call, LegDown(leg="seat", connection=1))


def spoken(round_: Round, call: str, turn: str, text: str, again: bool = False) -> None:
    """A turn is written and spoken, twice if `again`."""
    round_.send("save_field", item="in1", field=f"turn:{turn}", text=text, rev=1, largest_insert=3)
    for last in (False, True) if again else (True,):
        round_.send("start_take", call=call, turn=turn)
        round_.speak(call, 2_000)
        round_.send("end_turn", call=call, again=not last)


def deal(round_: Round) -> None:
    """Script and FAQ in part, a member, and a call in which every question is answered."""
    call = "out1.1"
    round_.send("open_part", part="out1")
    round_.send("save_field", item="out1", field="script:product", text="三百兆一年 720 元。", rev=1)
    for n, question in enumerate(("多少钱一年？", "请问多少钱一年", "要签几年？"), start=1):
        round_.send("save_field", item="out1", field=f"faq:{n}:q", text=question, rev=1)
        round_.send("save_field", item="out1", field=f"faq:{n}:a", text="答案", rev=1)
    round_.send("register", **MEMBER)
    round_.send("dial", part="out1")
    round_.report(call, LegUp(leg="seat", connection=1))
    for n in range(1, 5):
        round_.hear(call, n)
        round_.speak(call, 2_000)
        round_.wait(1_500)
    round_.hear(call, 5)
    round_.wait(10_000)


def whole() -> Round:
    """Both, one after the other, on the small paper."""
    round_ = Round()
    inbound_case(round_)
    deal(round_)
    return round_
