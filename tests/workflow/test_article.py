"""The article's table, written out a second time and compared with the code in every combination."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.article import (
    ArticleState,
    Audience,
    Confidence,
    Move,
    RefusedMoveError,
    Text,
    after,
    facets_of,
    possible,
    state_of,
)

# `.` refused. `needs` says what must be there; without it the move is refused in words.
RULES = """
          needs          wip            not_validated  validated      published      archived       deleted
complete  resolution     not_validated  .              .              .              .              .
validate  whole+other    validated      validated      .              .              .              .
publish   audience+other       .              .              published      published      .              .
doubt     reason         .              .              not_validated  .              .              .
withdraw  reason         .              .              .              validated      .              .
archive   nothing        archived       archived       archived       archived       .              .
restore   resolution     .              .              .              .              not_validated  .
restore   no_resolution  .              .              .              .              wip            .
delete    nothing        deleted        .              .              .              .              .
"""

NEEDS: dict[str, Callable[[Text], bool]] = {
    "nothing": lambda _: True,
    "resolution": lambda text: text.has_answer,
    "no_resolution": lambda text: not text.has_answer,
    "whole+other": lambda text: text.has_answer and text.has_required and not text.own_refused,
    "audience+other": lambda text: (
        text.audience in (Audience.PARTNER, Audience.CUSTOMER, Audience.PUBLIC) and not text.own_refused
    ),
    "reason": lambda text: text.reason == "because",
}

TEXTS = [
    Text(*facts)
    for facts in product(
        (False, True), (False, True), (None, *Audience), ("", " \t\n", "because"), (False, True)
    )
]


def expected(state: ArticleState, move: Move, text: Text) -> ArticleState | None:
    """Return where the written table leads, None when it refuses."""
    head, *lines = RULES.strip().splitlines()
    column = head.split().index(state) + 1
    for name, needs, *cells in (line.split() for line in lines):
        cell = [name, needs, *cells][column]
        if name == move and cell != "." and NEEDS[needs](text):
            return ArticleState(cell)
    return None


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", ArticleState)
def test_every_move_in_every_state_does_what_the_table_says(state: ArticleState, move: Move) -> None:
    for text in TEXTS:
        to = expected(state, move, text)
        if to is None:
            with pytest.raises(RefusedMoveError, match=r"\w+ \w+"):
                after(state, move, text)
        else:
            assert after(state, move, text) is to, text


@pytest.mark.parametrize("state", ArticleState)
def test_what_a_page_may_offer_is_what_some_text_allows(state: ArticleState) -> None:
    assert possible(state) == {m for m in Move if any(expected(state, m, text) for text in TEXTS)}


@given(st.lists(st.tuples(st.sampled_from(Move), st.sampled_from(TEXTS)), max_size=60))
def test_nothing_is_published_without_having_been_validated(moves: list[tuple[Move, Text]]) -> None:
    state, validated = ArticleState.WIP, False
    for move, text in moves:
        to = expected(state, move, text)
        try:
            reached = after(state, move, text)
        except RefusedMoveError:
            assert to is None
            continue
        assert reached is to
        state = reached
        validated = (validated or move is Move.VALIDATE) and state in ("validated", "published")
        assert validated or state not in ("validated", "published")


@pytest.mark.parametrize(
    ("confidence", "audience", "state"),
    [
        *((Confidence.WIP, each, "wip") for each in Audience),
        *((Confidence.NOT_VALIDATED, each, "not_validated") for each in Audience),
        *((Confidence.ARCHIVED, each, "archived") for each in Audience),
        *((Confidence.DELETED, each, "deleted") for each in Audience),
        (Confidence.VALIDATED, Audience.INTERNAL, "validated"),
        (Confidence.VALIDATED, Audience.PARTNER, "published"),
        (Confidence.VALIDATED, Audience.CUSTOMER, "published"),
        (Confidence.VALIDATED, Audience.PUBLIC, "published"),
    ],
)
def test_the_state_people_see_is_derived(confidence: Confidence, audience: Audience, state: str) -> None:
    assert state_of(confidence, audience) == state


@pytest.mark.parametrize(("state", "audience"), list(product(ArticleState, (None, *Audience))), ids=str)
def test_only_the_published_state_is_stored_as_readable_outside(
    state: ArticleState, audience: Audience | None
) -> None:
    stored = facets_of(state, audience)
    assert (stored[1] is not Audience.INTERNAL) == (
        state is ArticleState.PUBLISHED and audience is not Audience.INTERNAL
    )
    if audience is not Audience.INTERNAL:
        assert state_of(*stored) is state


@pytest.mark.parametrize("move", Move)
def test_every_move_is_a_right(move: Move) -> None:
    assert move.right == move.value
