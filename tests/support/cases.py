"""Every contest module with a content, for the law suites."""

from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from server.core import media as m
from server.core.contract import AnyModule, Content
from server.core.media import MediaReport
from server.core.modules import installed_modules
from tests.support.chat_commands import CHAT
from tests.support.chats import chats
from tests.support.echo import EchoContent, echo
from tests.support.papers import paper
from tests.support.voice import ID_NUMBER, outbound, voice_paper


@dataclass(frozen=True)
class Case:
    """A module with a content, and commands of it as a fuzzer would send them."""

    module: AnyModule
    content: Content
    commands: st.SearchStrategy[dict[str, Any]]
    reports: st.SearchStrategy[tuple[str, MediaReport]] | None = None
    """Calls with what media may report of them, where the module has live sound."""

    @property
    def steps(self) -> st.SearchStrategy[dict[str, Any] | tuple[str, MediaReport]]:
        """What may happen next: a command, or a report."""
        return self.commands if self.reports is None else st.one_of(self.commands, self.reports)


_ITEMS = st.sampled_from(["i1", "i2", "zz"])
_FIELDS = st.sampled_from(["name", "address", "phone", "zz"])
_TEXTS = st.text(max_size=30)
_MS = st.integers(0, 700_000)

DICTATION = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("typing_test.save_field"),
            "item": _ITEMS,
            "field": _FIELDS,
            "text": _TEXTS,
            "rev": st.integers(1, 9),
            "composing": st.booleans(),
        }
    ),
    st.fixed_dictionaries({"type": st.just("typing_test.open_item"), "item": _ITEMS}),
    st.fixed_dictionaries(
        {
            "type": st.just("typing_test.player"),
            "item": _ITEMS,
            "act": st.sampled_from(["play", "pause", "seek", "ended", "failed"]),
            "position_ms": _MS,
            "to_ms": st.none() | _MS,
        }
    ),
    st.fixed_dictionaries(
        {"type": st.just("typing_test.blocked"), "item": _ITEMS, "field": _FIELDS, "kind": st.just("paste")}
    ),
)


def _of(kind: str, /, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(f"telephony.{kind}"), **values})


_CALLS = st.sampled_from(["in1.1", "in1.1", "out1.1", "out1.1", "out1.2", "re1.1", "zz.9"])
_PARTS = st.sampled_from(["in1", "out1", "re1", "su1", "zz"])
_TURNS = st.sampled_from(["t1", "t1", "t2", "t3", "retell", "zz"])
_SLOTS = st.sampled_from(["turn:t1", "turn:t2", "script:opening", "faq:1:q", "faq:1:a", "faq:2:q", "summary", "zz"])
_RECORDS = st.sampled_from(["r1", "r2", "r3", "zz"])
_ARTICLES = st.sampled_from(["a1", "a2", "zz", None])
_BEGINS = st.sampled_from(
    [
        {"type": "telephony.open_part", "part": "in1"},
        {"type": "telephony.answer", "call": "in1.1"},
        {"type": "telephony.dial", "part": "out1"},
        {"type": "telephony.dial", "part": "re1"},
        {"type": "telephony.hang_up", "call": "in1.1"},
        {"type": "telephony.hang_up", "call": "out1.1"},
    ]
)
VOICE = st.one_of(
    _BEGINS,
    _BEGINS,
    _of("save_field", item=_PARTS, field=_SLOTS, text=_TEXTS, rev=st.integers(1, 9)),
    _of("open_part", part=_PARTS),
    _of("answer", call=_CALLS),
    _of("dial", part=_PARTS),
    _of("start_take", call=_CALLS, turn=_TURNS),
    _of("end_turn", call=_CALLS, again=st.booleans()),
    _of("replay", call=_CALLS),
    _of("hold", call=_CALLS, on=st.booleans()),
    _of("mute", call=_CALLS, on=st.booleans()),
    _of("transfer", call=_CALLS, to=st.sampled_from(["售后服务", "zz"])),
    _of("hang_up", call=_CALLS),
    _of("search", query=st.sampled_from(["改地址", "理赔", ""]) | st.text(max_size=9)),
    _of("open_article", id=_ARTICLES),
    _of("look_up", query=st.sampled_from(["YD20260001", "演示客户", "14200000002", ""]) | st.text(max_size=9)),
    _of("open_record", id=_RECORDS | st.none()),
    _of("verify", record=_RECORDS, digits=st.sampled_from(["0098", "1234"])),
    _of("suspend", record=_RECORDS, on=st.booleans()),
    _of("change_address", record=_RECORDS, address=_TEXTS),
    _of("after_sales", record=_RECORDS, remark=_TEXTS),
    _of(
        "register",
        part=_PARTS,
        name=st.sampled_from(["演示会员", " "]),
        id_number=st.sampled_from([ID_NUMBER, "123"]),
        package=st.sampled_from(["p1", "zz"]),
    ),
    _of("trouble", call=_CALLS, kind=st.sampled_from(["clipping", "no_microphone"]), began=st.booleans()),
    _of("blocked", item=_PARTS, field=_SLOTS, kind=st.just("paste")),
)
_LEGS = st.sampled_from(["seat", "seat", "role_player"])
_NUMBERS = st.integers(1, 6)
_SHORT_MS = st.integers(0, 900)
SOUND = st.tuples(
    _CALLS,
    st.one_of(
        st.builds(m.LegUp, leg=_LEGS, connection=st.integers(1, 3)),
        st.builds(m.LegDown, leg=_LEGS, connection=st.integers(1, 3)),
        st.builds(m.SpeechBegan, leg=_LEGS),
        st.builds(m.SpeechEnded, leg=_LEGS, spoken_ms=_SHORT_MS, ago_ms=_SHORT_MS),
        st.builds(m.PlayBegan, n=_NUMBERS),
        st.builds(m.PlayEnded, n=_NUMBERS, heard=st.booleans()),
        st.builds(m.Trouble, kind=st.sampled_from(["no_sound", "no_packets"]), began=st.booleans()),
        st.builds(
            m.RoleActed,
            by=st.sampled_from(["role-player-one", "role-player-two"]),
            act=st.sampled_from(["answer", "outcome", "hang_up"]),
            outcome=st.sampled_from(["deal", "interest", "refusal", None]),
        ),
    ),
)
CASES = [
    Case(installed_modules()["chat_sim"], chats(), CHAT),
    Case(installed_modules()["telephony"], voice_paper(), VOICE, SOUND),
    Case(
        installed_modules()["telephony"],
        voice_paper(parts=[outbound(other_side="role_player", dials=2, call_ms=60_000)]),
        VOICE,
        SOUND,
    ),
    Case(installed_modules()["typing_test"], paper(), DICTATION),
    Case(
        installed_modules()["typing_test"],
        paper(player={"max_plays": 1, "seek": "back"}, counting={"rounding": "ratio"}),
        DICTATION,
    ),
    Case(
        echo,
        EchoContent.model_validate({"title": {"zh-CN": "回声"}, "duration_ms": 600_000}),
        st.sampled_from([{"type": "echo.say"}, {"type": "echo.shout"}]),
    ),
]
fuzzed = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
