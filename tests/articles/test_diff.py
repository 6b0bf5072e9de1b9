"""What changed between two texts, by words."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.articles.diff import MOST_WORDS, Change, word_diff


def shown(old: str, new: str) -> str:
    """Write a difference as people read it: [-gone-]{+came+}."""
    signs = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(signs[each.kind].format(each.text) for each in word_diff(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", ""),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("Press Export now.", "Press Print now.", "Press [-Export-]{+Print+} now."),
        ("Press the old key.", "Press a new key.", "Press [-the old-]{+a new+} key."),
        ("one\ntwo\nthree\n", "one\nthree\n", "one\n[-two\n-]three\n"),
        ("Open tray 2.", "Open tray 2!", "Open tray 2[-.-]{+!+}"),
        ("打开打印机", "打开扫描机", "打开[-打印-]{+扫描+}机"),
        ("פתח מגש", "סגור מגש", "[-פתח-]{+סגור+} מגש"),
        ("👩‍💻 works", "👩‍💻 helps", "👩‍💻 [-works-]{+helps+}"),
    ],
)
def test_a_change_is_told_by_words(old: str, new: str, said: str) -> None:
    assert shown(old, new) == said


texts = st.text(alphabet="ab .\n打é", max_size=60)


@given(texts, texts)
def test_both_texts_can_be_read_out_of_the_difference(old: str, new: str) -> None:
    changes = word_diff(old, new)
    assert "".join(each.text for each in changes if each.kind != "added") == old
    assert "".join(each.text for each in changes if each.kind != "removed") == new
    assert all(each.text for each in changes)
    assert all(one.kind != two.kind for one, two in pairwise(changes))


def test_a_stretch_too_long_to_compare_is_replaced_in_whole() -> None:
    old, new = ("a " * MOST_WORDS), ("b " * MOST_WORDS)
    assert word_diff(old, new) == [Change("removed", old), Change("added", new)]


def test_one_word_in_a_very_long_text_is_one_change() -> None:
    lines = [f"line {number} of a long text" for number in range(20_000)]
    changed = [*lines[:9000], "line 9000 of a short text", *lines[9001:]]
    changes = word_diff("\n".join(lines), "\n".join(changed))
    assert [(each.kind, each.text) for each in changes if each.kind != "same"] == [
        ("removed", "long"),
        ("added", "short"),
    ]
