"""What people type: every text is a search, and what was meant otherwise is said in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.search.typed import LONGEST, Typed, parse, written

VALUES = {
    "state": {"work in progress": "wip", "wip": "wip", "published": "published"},
    "language": {"en": "en", "pt br": "pt-BR"},
    "domain": {},
}
PIECES = st.lists(
    st.sampled_from(
        ['"', "-", ":", " ", "tag:", "state:", "wip", "a", "é", "“", "printer", "\\", "/", "\x00", "--", "_"]
    )
)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("", Typed()),
        (" \t\n ", Typed()),
        ("printer jams", Typed(words=("printer", "jams"))),
        ('printer "paper jam"', Typed(words=("printer",), phrases=("paper jam",))),
        ("printer “paper  jam”", Typed(words=("printer",), phrases=("paper jam",))),
        ("printer -laser", Typed(words=("printer",), without=("laser",))),
        ('printer -"laser jet"', Typed(words=("printer",), without=("laser jet",))),
        ("e-mail", Typed(words=("e-mail",))),
        ("--force", Typed(words=("--force",))),
        ("printer - laser", Typed(words=("printer", "laser"))),
        ("tag:billing vat", Typed(words=("vat",), only=(("tag", "billing"),))),
        ('TAG:"past due" vat', Typed(words=("vat",), only=(("tag", "past due"),))),
        ("tag:a tag:b tag:a", Typed(only=(("tag", "a"), ("tag", "b")))),
        ("state:WIP", Typed(only=(("state", "wip"),))),
        ('state:"Work in Progress"', Typed(only=(("state", "wip"),))),
        ("state:work-in-progress", Typed(only=(("state", "wip"),))),
        ("language:pt-br", Typed(only=(("language", "pt-BR"),))),
        ('printer "paper jam', Typed(words=("printer", "paper", "jam"))),
        ('12" screen', Typed(words=("12", "screen"))),
        ('a "b"-c', Typed(words=("a",), phrases=("b",), without=("c",))),
        ("https://example.com/x C:\\temp 12:30", Typed(words=("https://example.com/x", "C:\\temp", "12:30"))),
        ("Error: 0x80070005", Typed(words=("Error:", "0x80070005"))),
        ('"" "!" -"" * ?', Typed()),
    ],
)
def test_it_is_taken_apart(typed: str, means: Typed) -> None:
    found = parse(typed, values=VALUES.get)
    assert found == means
    assert found.not_understood == ()


@pytest.mark.parametrize(
    ("typed", "means", "said"),
    [
        (
            "state:publshed x",
            Typed(words=("x",)),
            "There is no state “publshed”: use work in progress, published.",
        ),
        ("domain:tax", Typed(), "There is no domain “tax”: there are none yet."),
        ("state:", Typed(), 'Write a value right after state:, as in state:"work in progress".'),
        ("tag: x", Typed(words=("x",)), "Write a value right after tag:, as in tag:billing."),
        ("-tag:x y", Typed(words=("y",)), "-tag: cannot be left out: a minus works for words and phrases."),
        (
            "-x",
            Typed(without=("x",)),
            "Add a word that should be there: what to leave out alone finds nothing.",
        ),
        (
            "tags:x",
            Typed(words=("tags:x",)),
            "There is no filter “tags:”, so it was searched as words: use tag:x.",
        ),
        (
            "prodct:x",
            Typed(words=("prodct:x",)),
            "There is no filter “prodct:”, so it was searched as words: use product:x.",
        ),
        (
            "author:ana",
            Typed(words=("author:ana",)),
            (
                "There is no filter “author:”, so it was searched as words: "
                "use tag:, product:, domain:, state: or language:."
            ),
        ),
    ],
)
def test_what_is_not_understood_is_said_and_the_rest_is_searched(typed: str, means: Typed, said: str) -> None:
    found = parse(typed, values=VALUES.get)
    assert (found, found.not_understood) == (means, (said,))


def test_a_reader_who_lacks_a_filter_is_told_which_there_are() -> None:
    found = parse("state:wip printer", filters=("tag", "language"))
    assert found == Typed(words=("state:wip", "printer"))
    assert found.not_understood == (
        "There is no filter “state:”, so it was searched as words: use tag: or language:.",
    )


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("printer ja", Typed(words=("printer",), beginning="ja")),
        ("printer ja ", Typed(words=("printer", "ja"))),
        ('"paper ja', Typed(words=("paper",), beginning="ja")),
        ('"paper jam"', Typed(phrases=("paper jam",))),
        ("printer -ja", Typed(words=("printer",), without=("ja",))),
        ("printer tag:bi", Typed(words=("printer",), only=(("tag", "bi"),))),
        ("printer state:pub", Typed(words=("printer",))),
        ("printer state:", Typed(words=("printer",))),
        ("tags:x", Typed(beginning="tags:x")),
    ],
)
def test_while_somebody_types_the_last_word_is_a_beginning_and_nothing_is_blamed(
    typed: str, means: Typed
) -> None:
    found = parse(typed, values=VALUES.get, typing=True)
    assert (found, found.not_understood) == (means, ())


def test_a_text_somebody_pasted_is_words_alone() -> None:
    pasted = 'see "log" -v tag:x ' + "word " * LONGEST
    found = parse(pasted)
    assert found.words[:5] == ("see", "log", "-v", "tag:x", "word")
    assert (found.phrases, found.without, found.only) == ((), (), ())


def test_a_phrase_ranks_by_its_words_too() -> None:
    wanted = parse('tray "paper jam" -laser tag:x').wanted
    assert (wanted.text, wanted.phrases, wanted.without) == ("tray paper jam", ("paper jam",), ("laser",))
    assert wanted.only == (("tag", "x"),)


@given(st.one_of(st.text(), PIECES.map("".join)))
def test_any_text_is_a_search_and_writing_it_down_keeps_it(text: str) -> None:
    for typing in (False, True):
        assert isinstance(parse(text, values=VALUES.get, typing=typing), Typed)
    once = parse(text, values=VALUES.get)
    assert parse(written(once), values=VALUES.get) == once
