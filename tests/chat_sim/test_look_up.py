"""What a search at the desk finds."""

import pytest

from chat_sim import look_up
from tests.chat_sim.desk import desk_content

pytestmark = pytest.mark.unit


def test_a_search_finds_articles_and_products() -> None:
    shop = desk_content().shop
    found = look_up.find(shop, "发货")
    assert [hit.id for hit in found.hits] == ["a1"]
    assert found.hits[0].excerpt == "48小时内发货"
    assert look_up.find(shop, "徒步鞋").products == ("p-shoe",)
    assert look_up.find(shop, "户外").products == ("p-bag", "p-shoe", "p-sock")
    assert look_up.find(shop, "  ！") == look_up.Found()
    assert look_up.hit_views(shop, "发货", ["other"]) == ()
    assert look_up.hit_views(shop, "发货", ["a1"]) == found.hits
