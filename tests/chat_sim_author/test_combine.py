"""Several contents to one paper: what must be alike, and who comes when."""

from typing import Any

import pytest

from chat_sim.author import author
from server.core.errors import Invalid
from server.core.text import Text
from tests.chat_sim_author.drafting import changed, invented

pytestmark = pytest.mark.unit


def test_customers_come_one_content_after_the_other_under_ids_of_their_own() -> None:
    one, other = author.content(invented(2)), author.content(invented(1, seed=9))
    paper = author.combine([one, other], Text(zh="试卷"), 1_800_000)
    assert [persona.id for persona in paper.personas] == ["C1", "C2", "C1_2"]
    arrivals = [persona.arrives_ms for persona in paper.personas]
    assert arrivals == [*(persona.arrives_ms for persona in one.personas), arrivals[1] + other.personas[0].arrives_ms]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("shop.name", "别的店", "店铺"),
        ("policy.most_open", 2, "工作台规则"),
        ("courtesy.greeting", ["吉祥"], "礼貌用语"),
        ("max_marks", "20", "满分"),
    ],
)
def test_what_would_be_lost_of_one_keeps_them_apart(path: str, value: Any, words: str) -> None:
    one, other = author.content(invented(1)), author.content(changed(invented(1, seed=9), path, value))
    with pytest.raises(Invalid) as refused:
        author.combine([one, other], Text(zh="试卷"), 1_800_000)
    assert words in refused.value.detail.zh
