"""Two texts of one field: what each choice gives, and what stands there until somebody chooses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.authoring.merging import Choice, differences, merged

LABELS = {"title": "Title", "issue": "Issue"}

# base, mine, theirs, who changed it, preset, result, whether a choice is asked for
CASES = [
    ("a\n", "a\nmine\n", "a\n", Choice.MINE, Choice.MINE, "a\nmine\n", False),
    ("a\n", "a\n", "a\ntheirs\n", Choice.THEIRS, Choice.THEIRS, "a\ntheirs\n", False),
    ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", Choice.BOTH, Choice.BOTH, "A\nb\nC\n", False),
    ("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n", Choice.BOTH, Choice.BOTH, "a\nc\nd\n", False),
    ("a\nb\nc", "x\nb\nc", "y\nb\nc", Choice.BOTH, Choice.MINE, "x\nb\nc", True),
    ("a\nb\n", "a\nx\nb\n", "a\ny\nb\n", Choice.BOTH, Choice.MINE, "a\nx\nb\n", True),
    ("a\nb\n", "x\nb\n", "a\ny\n", Choice.BOTH, Choice.MINE, "x\nb\n", True),
    ("", "mine", "theirs", Choice.BOTH, Choice.MINE, "mine", True),
    ("a", "", "a b", Choice.BOTH, Choice.MINE, "", True),
]


@pytest.mark.parametrize(("base", "mine", "theirs", "who", "preset", "result", "asks"), CASES)
def test_a_field_is_preset_with_whoever_changed_it_and_asks_where_both_did(
    base: str, mine: str, theirs: str, who: Choice, preset: Choice, result: str, asks: bool
) -> None:
    [found] = differences({"issue": base}, {"issue": mine}, {"issue": theirs}, LABELS)
    assert (found.changed_by, found.preset, found.result, found.asks) == (who, preset, result, asks)


def test_fields_that_are_the_same_are_no_difference() -> None:
    mine = {"title": "T", "issue": "same"}
    assert differences({}, mine, dict(mine), LABELS) == []
    assert [each.name for each in differences({}, {"title": "T"}, {"title": "U", "issue": "x"}, LABELS)] == [
        "title",
        "issue",
    ]


BOTH = [
    ("issue", "Allow pop-ups.", "Allow pop-ups. Mine.", "Allow pop-ups. Theirs.", ("Mine.", "Theirs.")),
    ("issue", "One two three four", "One 2 three four", "One two three 4", ("One 2 three 4",)),
    ("issue", "first", "entirely mine", "something of theirs", ("entirely mine", "something of theirs")),
    ("title", "Old", "My words", "Theirs here", ("My words", "Theirs here")),
]


@pytest.mark.parametrize(("name", "base", "mine", "theirs", "kept"), BOTH)
def test_both_keeps_the_words_of_both(
    name: str, base: str, mine: str, theirs: str, kept: tuple[str, ...]
) -> None:
    [found] = differences({name: base}, {name: mine}, {name: theirs}, LABELS)
    for words in kept:
        assert words in found.both
    assert name != "title" or "\n" not in found.both


def test_the_marks_of_each_side_spell_its_text() -> None:
    [found] = differences(
        {}, {"issue": "Press the red button"}, {"issue": "Press the blue button now"}, LABELS
    )
    for side, text in (("mine", found.mine), ("theirs", found.theirs)):
        assert "".join(change.text for change in found.marks(side)) == text
        assert any(change.kind != "same" for change in found.marks(side))


lines = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=6).map("".join)


@given(lines, lines, lines)
def test_putting_together_is_the_same_from_both_sides_and_keeps_a_lone_change(
    base: str, mine: str, theirs: str
) -> None:
    assert merged(base, mine, theirs) == merged(base, theirs, mine)
    assert merged(base, mine, base) == mine
    assert merged(base, mine, mine) == mine
