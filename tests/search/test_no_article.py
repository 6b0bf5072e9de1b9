"""Is there an article at all: surer the better the best one fits, and never an error."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.search.engine.ranking import Facts
from kcs.search.no_article import no_article
from tests.search.engine.views import built, entry, ranked

SHARE = st.floats(0, 1)


def test_nothing_found_means_no_article() -> None:
    assert no_article(Facts()) == 1.0
    assert no_article(ranked(built([entry(1, "Printer jams")]), "zebra").facts) == 1.0


@given(
    best=st.floats(0.01, 1e6), margin=SHARE, covered=SHARE, unknown=SHARE, agreed=SHARE,
    cosine=st.none() | st.floats(-1, 1),
)  # fmt: skip
def test_it_is_a_probability_whatever_the_facts(**facts: float) -> None:
    assert 0 <= no_article(Facts(**facts)) <= 1


@pytest.mark.parametrize("name", ["best", "margin", "covered", "agreed"])
@pytest.mark.parametrize("cosine", [None, 0.4])
def test_each_sign_of_an_answer_makes_none_less_likely(name: str, cosine: float | None) -> None:
    plain = Facts(best=1.0, cosine=cosine)
    values = [no_article(replace(plain, **{name: value})) for value in (0.1, 0.5, 0.9)]
    assert all(later <= earlier for earlier, later in itertools.pairwise(values))


def test_unknown_words_and_distance_make_it_more_likely() -> None:
    assert no_article(Facts(best=3.0, unknown=0.6)) > no_article(Facts(best=3.0, unknown=0.0))
    assert no_article(Facts(best=3.0, cosine=0.2)) > no_article(Facts(best=3.0, cosine=0.8))


def test_a_question_of_another_trade_is_told_from_ones_own() -> None:
    view = built(
        [
            entry(1, "Card has not arrived", "", "where is my new card", "my card has not come yet"),
            entry(2, "Change your PIN", "", "how do i change my pin", "new pin please"),
            entry(3, "Top up failed", "", "my top up failed", "topping up does not work"),
        ]
    )
    own, foreign = (
        ranked(view, "my new card has not arrived"),
        ranked(view, "book a boat for my weekend trip"),
    )
    assert no_article(own.facts) < 0.5 < no_article(foreign.facts)
