"""Every contest module with a content, for the law suites."""

from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from server.core.contract import AnyModule, Content
from server.core.modules import installed_modules
from tests.support.echo import EchoContent, echo
from tests.support.papers import paper


@dataclass(frozen=True)
class Case:
    """A module with a content, and commands of it as a fuzzer would send them."""

    module: AnyModule
    content: Content
    commands: st.SearchStrategy[dict[str, Any]]


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
CASES = [
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
