"""What ranks: each kind of evidence lifts what it speaks for, and what restricts is kept to."""

from __future__ import annotations

import pytest

from kcs.search.documents import facet
from kcs.search.engine.asking import MOST_WORDS
from kcs.search.engine.weights import body_curve
from kcs.search.entries import Entry
from kcs.search.wanted import Wanted
from tests.search.engine.views import built, entry, found, ranked

FILLER = [entry(number, f"Something else {number}", "Nothing of interest here.") for number in range(20, 40)]


@pytest.mark.parametrize(
    ("words", "better", "worse"),
    [
        ("printer", entry(1, "Printer"), entry(2, "Other", "printer")),
        (
            "printer",
            entry(1, "Other", issue="printer"),
            entry(2, "Other", "printer and more words around it"),
        ),
        ("paper jam", entry(1, "A", "the paper jam stays"), entry(2, "B", "jam on the paper")),
        ("reciept", entry(1, "Where is my receipt"), entry(2, "Where is my invoice")),
        ("settings", entry(1, "Change a setting"), entry(2, "Change a thing")),
        (
            "0x80070005 when I update my machine",
            entry(1, "Access denied", "Error 0x80070005"),
            entry(2, "Update my machine", "Error 0x80070006"),
        ),
        (
            "my zebra stopped",
            entry(1, "Device", "", "the zebra stopped"),
            entry(2, "Device", "", "the lion ran"),
        ),
        (
            "card lost abroad",
            entry(1, "A", "one two\ncard lost abroad\nthree four"),
            entry(2, "B", "card one\nlost two\nabroad three"),
        ),
        (
            "how do i undo it",
            entry(1, "Undo", "", "how do i undo it", "can i undo it"),
            entry(2, "Undo", "", "undo broke", "undo lost"),
        ),
    ],
    ids=[
        "title",
        "issue",
        "neighbours",
        "slip",
        "form",
        "exact name",
        "ticket",
        "one passage",
        "their words",
    ],
)
def test_the_better_answer_comes_first(words: str, better: Entry, worse: Entry) -> None:
    for order in ([better, worse], [worse, better]):
        assert found(built([*order, *FILLER]), words)[0] == 1


def test_a_hit_tells_what_it_is_made_of() -> None:
    view = built(
        [
            entry(1, "Printer reports 0x80070005", "Open the tray.", "my printer broke", "printer is dead"),
            *FILLER,
        ]
    )
    hit = ranked(view, "priter 0x80070005 my printer tray").hits[0]
    assert (set(hit.words), hit.exact, hit.tickets) == ({"printer", "tray"}, ("0x80070005",), 2)
    assert hit.near == (), "what it may have meant was asked for as well"
    assert hit.fields == ("title", "body", "words")
    assert hit.score == pytest.approx(sum(hit.parts.values()), abs=0.01)


def test_an_article_is_found_by_its_key_wherever_it_is_pasted() -> None:
    view = built([entry(1, "Printer jams", key="KB-1042"), entry(2, "Printer jams", key="KB-1043"), *FILLER])
    for words in ("KB-1043", "kb-1043", "is it (KB-1043)?", "printer jams: see KB-1043."):
        hits = ranked(view, words).hits
        assert (hits[0].article_id, hits[0].exact) == (2, ("kb-1043",)), words


def test_a_mere_word_is_no_exact_name() -> None:
    view = built([entry(1, "About GitHub", "It is a site."), *FILLER])
    assert ranked(view, "GitHub").hits[0].exact == ("github",)
    assert ranked(view, "github").hits[0].exact == ()


def test_what_a_slip_may_have_meant_counts_as_one_word_of_all_languages() -> None:
    """A word that is rare in one language and common in another is no rarer for the slip."""
    english = [entry(number, f"Pay invoice {number}", "An invoice is due.") for number in range(2, 12)]
    view = built([entry(1, "Pelanggan", "tidak bisa dihapus invoices", language="id"), *english, *FILLER])
    hits = ranked(view, "invoce").hits
    assert hits[0].article_id in range(2, 12)
    assert hits[0].near[0] == "invoice", "named is what was found"


def test_each_ticket_more_lifts_the_article_that_solved_it() -> None:
    scores = []
    for number in range(4):
        tickets = ["my zebra stopped moving"] * number
        view = built([entry(1, "Device", "", *tickets), *FILLER])
        scores.append(next((hit.score for hit in ranked(view, "zebra stopped").hits), 0.0))
    assert scores == sorted(scores)
    assert len(set(scores)) == 4


def test_a_ticket_that_is_asked_again_does_not_find_itself() -> None:
    view = built([entry(1, "Device", "", "zebra stopped", "zebra fell"), entry(2, "Zebra", ""), *FILLER])
    again = ranked(view, "zebra stopped", hidden=frozenset({100})).hits
    assert next(hit for hit in ranked(view, "zebra stopped").hits if hit.article_id == 1).tickets == 2
    assert next(hit for hit in again if hit.article_id == 1).tickets == 1
    both = ranked(view, "zebra stopped", hidden=frozenset({100, 101})).hits
    assert [hit.article_id for hit in both] == [2], "of its own words nothing is left"


def test_what_is_left_out_is_as_if_it_were_not_there() -> None:
    view = built([entry(1, "Printer jams"), entry(2, "Printer"), *FILLER])
    assert found(view, "printer jams") == [1, 2]
    assert found(view, "printer jams", without=frozenset({1})) == [2]


TAGGED = [
    entry(1, "Printer jams", "Open tray two.", facets=(facet("tag", "Paper"), facet("state", "published"))),
    entry(2, "Printer hums", "Open tray two, twice.", facets=(facet("tag", "noise"), facet("state", "wip"))),
    entry(3, "Tray two open", "No printer.", facets=(facet("state", "published"),)),
]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted("printer", only=(("tag", "paper"),)), {1}),
        (Wanted("printer", only=(("tag", "PAPER"), ("tag", "noise"))), {1, 2}),
        (Wanted("printer", only=(("tag", "paper"), ("state", "wip"))), set()),
        (Wanted("", only=(("state", "published"),)), {1, 3}),
        (Wanted("zebra", only=(("state", "published"),)), set()),
        (Wanted("open tray", phrases=("open tray two",)), {1, 2}),
        (Wanted("tray open", phrases=("tray two open",)), {3}),
        (Wanted("tray", phrases=("two open",)), {3}),
        (Wanted("tray", phrases=("open zebra",)), set()),
        (Wanted("printer", without=("hums",)), {1, 3}),
        (Wanted("printer", without=("open tray",)), {3}),
        (Wanted("printer", without=("zebra",)), {1, 2, 3}),
        (Wanted("", beginning="hum"), {2}),
        (Wanted("printer", beginning="ja"), {1, 2, 3}),
        (Wanted("press", also=("printer",)), {1, 2, 3}),
    ],
)
def test_what_was_asked_for_is_kept_to(wanted: Wanted, ids: set[int]) -> None:
    assert set(found(built(TAGGED), wanted)) == ids


def test_words_of_the_same_meaning_rank_below_the_words_themselves() -> None:
    view = built([entry(1, "Sign in"), entry(2, "Login"), *FILLER])
    assert found(view, Wanted("login", also=("sign in",))) == [2, 1]


def test_a_long_text_is_searched_by_its_rarest_words() -> None:
    common = " ".join(f"common{number}" for number in range(3 * MOST_WORDS))
    view = built([entry(number, "Other", common) for number in range(2, 12)] + [entry(1, "Zebra", "stripes")])
    assert found(view, f"{common} zebra stripes")[0] == 1


def test_languages_do_not_stand_in_one_anothers_way() -> None:
    view = built(
        [
            entry(1, "Restablecer las contraseñas", "Cómo restablecer su contraseña.", language="es"),
            entry(2, "Reset passwords", "How to reset your password."),
            entry(3, "重置密码", "如何重置您的密码", language="zh"),
        ]
    )
    for words, expected in (("contrasena restablecida", 1), ("resetting password", 2), ("密码", 3)):
        assert found(view, words)[0] == expected


@pytest.mark.parametrize(
    ("lengths", "k1", "b"),
    [([40, 40, 40], 1.2, 0.4), ([400, 400, 400], 2.0, 0.4), ([10, 400, 1200], 2.0, 0.9), ([], 2.0, 0.9)],
)
def test_the_curve_of_texts_follows_their_lengths(lengths: list[int], k1: float, b: float) -> None:
    curve = body_curve(len(lengths), sum(lengths), sum(length * length for length in lengths))
    assert (round(curve.k1, 2), round(curve.b, 2)) == (k1, b)
