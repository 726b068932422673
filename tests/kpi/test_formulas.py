"""Formulas: ids with versions, definitions in both languages, and the route that tells them."""

import re
from pathlib import Path

import pytest

from server.kpi.registry import FORMULAS, formula

pytestmark = pytest.mark.unit

ID = re.compile(r"^[a-z0-9_]+\.[a-z0-9_]+/[1-9][0-9]*$")


def test_every_formula_has_an_id_a_version_and_a_definition_in_both_languages() -> None:
    assert len({one.id for one in FORMULAS}) == len(FORMULAS)
    for one in FORMULAS:
        assert ID.match(one.id), one.id
        assert all((one.title.zh, one.title.en, one.definition.zh, one.definition.en, one.source)), one.id
        assert formula(one.id) is one


def test_rates_have_no_unit_and_times_are_in_ms() -> None:
    units = {one.id: one.unit for one in FORMULAS}
    assert units["response_rate.within_180s/1"] == units["accuracy.needs/1"] == units["reply_ratio.messages/1"] == ""
    assert {unit for id_, unit in units.items() if id_.startswith(("service_time", "average_response"))} == {"ms"}


def test_the_page_of_the_package_has_every_formula() -> None:
    page = (Path(__file__).parents[2] / "docs" / "packages" / "kpi.md").read_text("utf-8")
    for one in FORMULAS:
        row = f"| `{one.id}` | {one.title.zh} · {one.title.en} | {one.unit or '–'} | {one.definition.zh} "
        assert row in page, one.id


def test_an_unknown_formula_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        formula("no.such/1")
