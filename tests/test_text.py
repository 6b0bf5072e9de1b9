"""Every string that comes in is cleaned in one place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.text import LINE, clean, clean_line


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("plain", "plain"),
        ("a\0b", "ab"),
        ("a\ud800b\udfffc", "abc"),
        ("e\u0301", "é"),
        ("two\nlines\t", "two\nlines\t"),
        ("مرحبا 🙂 你好", "مرحبا 🙂 你好"),
    ],
)
def test_nul_and_lone_surrogates_go_and_the_rest_is_composed(given: str, cleaned: str) -> None:
    assert clean(given) == cleaned


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("  one   line ", "one line"),
        ("two\r\nlines\x0b\x1b[31m\u2028of\x85text", "two lines [31m of text"),
        ("a\u00a0b\u3000c", "a b c"),
        ("\0\n\t", ""),
        ("x" * 1000, "x" * LINE),
    ],
)
def test_a_line_is_one_line(given: str, cleaned: str) -> None:
    assert clean_line(given) == cleaned


def test_the_length_is_capped() -> None:
    assert clean("abcdef", limit=3) == "abc"
    assert clean_line("ab cd", limit=4) == "ab c"


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_clean_can_be_stored_and_stays_as_it_is(value: str) -> None:
    cleaned = clean(value)
    assert "\0" not in cleaned
    cleaned.encode()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean(cleaned) == cleaned
    line = clean_line(value)
    assert clean_line(line) == line
    assert not [char for char in line if unicodedata.category(char) in ("Cc", "Zl", "Zp")]
