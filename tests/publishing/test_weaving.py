"""Changes of two people to one text: both stay, and where they overlap it is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.publishing.weaving import Clash, only_in, weave

BASE = "One.\n\nTwo.\n\nThree."
TOGETHER = {
    "nobody": (BASE, BASE, BASE),
    "we alone": ("One.\n\nTwo, ours.\n\nThree.", BASE, "One.\n\nTwo, ours.\n\nThree."),
    "they alone": (BASE, "One.\n\nThree.", "One.\n\nThree."),
    "apart": ("Ours.\n\nTwo.\n\nThree.", "One.\n\nTwo.\n\nTheirs.", "Ours.\n\nTwo.\n\nTheirs."),
    "neighbours": ("Ours.\n\nTwo.\n\nThree.", "One.\n\nTheirs.\n\nThree.", "Ours.\n\nTheirs.\n\nThree."),
    "we added below": (BASE + "\n\nOurs.", "One.\n\nTwo.\n\nTheirs.", "One.\n\nTwo.\n\nTheirs.\n\nOurs."),
    "we added above": ("Ours.\n\n" + BASE, "Theirs.\n\nTwo.\n\nThree.", "Ours.\n\nTheirs.\n\nTwo.\n\nThree."),
    "both the same": ("Same.\n\nTwo.\n\nThree.", "Same.\n\nTwo.\n\nThree.", "Same.\n\nTwo.\n\nThree."),
}  # fmt: skip


@pytest.mark.parametrize("case", TOGETHER)
def test_changes_of_different_lines_are_put_together(case: str) -> None:
    ours, theirs, expected = TOGETHER[case]
    woven = weave(BASE, ours, theirs)
    assert (woven.text, woven.clashes) == (expected, ())


APART = {
    "the same line": ("A.", "B.", "A.\n\nB.", Clash("A.", "B.")),
    "added at the same place": ("One.\n\nA.", "One.\n\nB.", "One.\n\nA.\n\nB.", Clash("A.", "B.")),
    "changed and taken out": ("One, ours.", "", "One, ours.", Clash("One, ours.", "")),
}


@pytest.mark.parametrize("case", APART)
def test_overlapping_changes_stand_one_after_the_other_and_are_named(case: str) -> None:
    ours, theirs, expected, clash = APART[case]
    woven = weave("One.", ours, theirs)
    assert (woven.text, woven.clashes) == (expected, (clash,))


def test_a_list_stays_a_list() -> None:
    assert weave("- a\n- b", "- a\n- x\n- b", "- a\n- b\n- y").text == "- a\n- x\n- b\n- y"


def test_what_one_side_alone_wrote_is_told() -> None:
    assert only_in("One.\n\nOurs.\n\nSame.", "One.", "Same.") == ["Ours."]


TEXTS = st.lists(st.sampled_from("abcde"), max_size=6).map("\n\n".join)


@given(TEXTS, TEXTS, TEXTS)
def test_no_line_that_somebody_wrote_is_lost(base: str, ours: str, theirs: str) -> None:
    woven = weave(base, ours, theirs)
    assert only_in(ours, base, woven.text) == only_in(theirs, base, woven.text) == []
    assert weave(base, ours, base).text == ours
    assert weave(base, base, theirs).text == theirs
