"""docs/kcs-coverage.md says the truth: every item once, nothing claimed without a test that exists."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.docs.doc_pages import ROOT, codes, rows, section, text_of

ITEMS = {
    "CAP": 3,
    "STR": 10,
    "REU": 7,
    "IMP": 6,
    "CH": 13,
    "PI": 11,
    "PA": 26,
}
SCENARIOS = 11
STATUSES = {"met", "part", "not yet"}
HOW = {"out of the box", "settings", "programmed", "separate", ""}
OPTIONAL = {
    *("STR-3", "STR-6", "REU-3", "REU-6", "IMP-5", "CH-5", "CH-7", "CH-8", "CH-11"),
    *("PI-3", "PI-4", "PI-8", "PI-9", "PI-10", "PA-9", "PA-19", "PA-26"),
}
LEFT_OPEN = {"PA-17"}

_TEST = re.compile(r"(?P<file>tests/[\w/]+\.py)::(?P<name>\w+(?:::\w+)?)")


@dataclass(frozen=True)
class Item:
    """One row: what it is called, how far we are, the tests that show it, what is missing, and how."""

    name: str
    level: str
    status: str
    tests: tuple[str, ...]
    missing: str
    how: str


def _items() -> list[Item]:
    page = text_of("kcs-coverage.md")
    return [
        Item(name, level, status, tuple(codes(shown)), missing, how)
        for name, level, _, status, shown, missing, how in rows(section(page, "Items"))
    ]


def _scenarios() -> list[Item]:
    page = text_of("kcs-coverage.md")
    return [
        Item(name, "", status, tuple(codes(shown)), missing, "")
        for name, _, status, shown, missing in rows(section(page, "Scenarios"))
    ]


@cache
def _defined(file: str) -> frozenset[str]:
    """Return the tests of a file: functions, and methods as Class::method."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names.update(
                f"{node.name}::{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)
            )
    return frozenset(name for name in names if name.rpartition("::")[2].startswith("test_"))


ROWS = [*_items(), *_scenarios()]
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def test_every_item_has_one_line_in_order() -> None:
    expected = [f"{group}-{number}" for group, count in ITEMS.items() for number in range(1, count + 1)]
    assert len(expected) == 76
    assert [item.name for item in _items()] == expected


def test_every_scenario_has_one_line_in_order() -> None:
    assert [item.name for item in _scenarios()] == [str(number) for number in range(1, SCENARIOS + 1)]


def test_every_item_has_its_level() -> None:
    for item in _items():
        expected = "O" if item.name in OPTIONAL else "M/O" if item.name in LEFT_OPEN else "M"
        assert (item.name, item.level) == (item.name, expected)


@each_row
def test_a_status_is_one_of_three(row: Item) -> None:
    assert row.status in STATUSES


@each_row
def test_how_is_one_of_four_and_given_where_something_is_claimed(row: Item) -> None:
    assert row.how in HOW
    if not row.name.isdecimal():
        assert bool(row.how) == (row.status != "not yet")


@each_row
def test_what_is_claimed_is_shown_and_what_is_not_yet_there_names_no_test(row: Item) -> None:
    assert bool(row.tests) == (row.status != "not yet")


@each_row
def test_what_is_not_met_says_what_is_missing(row: Item) -> None:
    assert bool(row.missing) == (row.status != "met")


@each_row
def test_every_test_named_exists(row: Item) -> None:
    for named in row.tests:
        match = _TEST.fullmatch(named)
        assert match, f"{named} is no test id such as tests/area/test_file.py::test_name"
        assert (ROOT / match["file"]).is_file(), f"there is no file {match['file']}"
        assert match["name"] in _defined(match["file"]), f"{match['file']} defines no {match['name']}"


def test_the_counts_at_the_top_are_those_of_the_table() -> None:
    counts = {status: sum(item.status == status for item in _items()) for status in STATUSES}
    said = re.search(r"\*\*(\d+) met, (\d+) part, (\d+) not yet\*\*", text_of("kcs-coverage.md"))
    assert said, "the page says how many items are met, part and not yet"
    assert [int(number) for number in said.groups()] == [counts["met"], counts["part"], counts["not yet"]]


def test_the_page_claims_no_verification() -> None:
    page = text_of("kcs-coverage.md")
    assert "KCS® is a service mark of the Consortium for Service Innovation™" in page
    assert "no claim of verification" in page
