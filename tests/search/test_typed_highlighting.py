"""Words that were meant are marked where they stand, in every writing, and nothing else is changed."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.search.highlighting import LENGTH, Marker
from kcs.search.typed import parse


def marker(typed: str, *also: str, locale: str = "en", typing: bool = False) -> Marker:
    return Marker.of(parse(typed, typing=typing), also, locale)


@pytest.mark.parametrize(
    ("typed", "locale", "text", "marked"),
    [
        ("printer", "en", "The Printer jams", "The <mark>Printer</mark> jams"),
        ("printers jam", "en", "A printer jams", "A <mark>printer</mark> <mark>jams</mark>"),
        ('"paper jam"', "en-GB", "paper, jam", "<mark>paper</mark>, <mark>jam</mark>"),
        ("0x80070005", "en", "Error 0x80070005.", "Error <mark>0x80070005</mark>."),
        ("impresion", "es", "La impresión", "La <mark>impresión</mark>"),
        ("print", "en", "printer <b>", "printer &lt;b&gt;"),
        ("b", "en", "<b>", "&lt;<mark>b</mark>&gt;"),
        ("打印机", "zh", "打印机卡纸", "<mark>打印机</mark>卡纸"),
        ("printer -jams", "en", "printer jams", "<mark>printer</mark> jams"),
        ("tag:printer", "en", "printer", "printer"),
        ("", "en", "printer", "printer"),
    ],
)
def test_what_was_meant_is_marked(typed: str, locale: str, text: str, marked: str) -> None:
    assert marker(typed, locale=locale).marked(text) == marked


def test_words_of_the_same_meaning_and_words_begun_are_marked() -> None:
    assert marker("login", "sign in").marked("Sign in") == "<mark>Sign</mark> <mark>in</mark>"
    assert marker("pri", typing=True).marked("My Printer") == "My <mark>Printer</mark>"


def test_the_passage_is_the_one_that_holds_most() -> None:
    parts = [
        "Nothing here.\n\nThe printer stops.",
        "A **printer** with a [jam](https://x.example)\n\nThe printer",
    ]
    assert marker("printer jam").passage(parts) == "A <mark>printer</mark> with a <mark>jam</mark>"
    assert marker("zebra").passage(parts) == "Nothing here."
    assert marker("zebra").passage([]) == marker("zebra").passage([" \n "]) == ""


def test_a_long_passage_is_cut_between_words_around_the_first_that_was_meant() -> None:
    passage = marker("printer").passage(["word " * 100 + "printer " + "word " * 100])
    assert passage.startswith("… word ")
    assert passage.endswith(" word …")
    assert " <mark>printer</mark> " in passage
    assert len(passage) < LENGTH + 40


@given(st.text(), st.text(max_size=40))
def test_a_mark_changes_no_letter(text: str, typed: str) -> None:
    marked = str(marker(typed).marked(text))
    assert html.unescape(re.sub("</?mark>", "", marked)) == html.unescape(str(html.escape(text)))
