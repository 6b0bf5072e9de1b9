"""Rules of the house for style sheets: nothing knows left from right, and every colour is a token."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).parents[1] / "kcs" / "static").glob("*.css"))
SIDES = ("top", "right", "bottom", "left")
# Properties that have a logical name, and values that name a side.
PHYSICAL = re.compile(
    rf"(?<![\w-])(?:(?:margin|padding|border)-(?:{'|'.join(SIDES)})(?:-\w+)?|{'|'.join(SIDES)}"
    r"|border-(?:top|bottom)-(?:left|right)-radius|(?:min-|max-)?(?:width|height))\s*:"
    r"|(?<![\w-])(?:text-align|float|clear)\s*:\s*(?:left|right)"
)
BOX = re.compile(r"(?<![\w-])(?:margin|padding|inset|border-width|border-color)\s*:\s*([^;}]+)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# A query about the screen, where only the physical names exist.
QUERY = re.compile(r"@(?:media|container)[^{]*\{")
TOKENS = re.compile(r":root\s*\{.*?\n\}", re.DOTALL)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b", re.IGNORECASE)
# The top bar and what stands on gold are the same in both themes.
FIXED = {"#1b2422", "#ffd166", "#fff"}


def rules(sheet: Path) -> str:
    """Return a style sheet without comments and the conditions of its queries."""
    return QUERY.sub("{", COMMENT.sub("", sheet.read_text("utf-8")))


def uneven(value: str) -> bool:
    """Tell whether a shorthand gives the two sides of a line different values."""
    parts = re.findall(r"[^\s(]+(?:\([^)]*\))?", value.replace("!important", ""))
    return len(parts) == 4 and parts[1] != parts[3]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_rule_knows_left_from_right(sheet: Path) -> None:
    text = rules(sheet)
    assert PHYSICAL.findall(text) == []
    assert [value for value in BOX.findall(text) if uneven(value)] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_colour_is_a_token(sheet: Path) -> None:
    colours = set(COLOUR.findall(TOKENS.sub("", rules(sheet))))
    assert colours <= FIXED


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("margin-left: 1rem", True),
        ("padding: 1px 2px 3px 4px", True),
        ("padding: 1px 2px 3px 2px", False),
        ("text-align: left", True),
        ("inset-inline-start: 0", False),
        ("left: 0", True),
        ("max-width: 3rem", True),
        ("background-position: center left 0.6rem", False),
    ],
)
def test_the_rule_sees_what_it_is_for(rule: str, wrong: bool) -> None:
    seen = bool(PHYSICAL.search(rule)) or any(uneven(value) for value in BOX.findall(rule))
    assert seen is wrong
