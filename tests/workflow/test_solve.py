"""The solve loop's table, written out a second time and compared with the code in every combination."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.solve import Act, Facts, KnowledgeState, RefusedMoveError, after, possible

# `=` the act is allowed and the state stays, `.` it is refused. `last` and `left`: resolution links remaining
# after the act. `open` and `solved`: on the desk. `from …`: the state the ticket was solved in.
RULES = """
                     capture     reuse      structure  improve    exempt    answered    unanswered
link     open        reuse       =          reuse      =          reuse     =           answered
link     solved      reuse       =          reuse      =          answered  =           answered
unlink   last        .           capture    .          capture    .         unanswered  .
unlink   left        .           =          =          =          .         =           .
draft    open        structure   structure  .          structure  structure .           answered
draft    solved      structure   structure  .          structure  answered  .           answered
discard  last        .           .          capture    .          .         unanswered  .
discard  left        .           .          reuse      .          .         =           .
improve  always      .           improve    .          =          .         =           .
exempt   always      exempt      .          .          .          .         .           exempt
solve    always      unanswered  answered   answered   answered   =         .           .
reopen   structure   .           .          .          .          capture   structure   capture
reopen   improve     .           .          .          .          capture   improve     capture
reopen   other       .           .          .          .          capture   reuse       capture
"""

HOLDS: dict[str, Callable[[Facts], bool]] = {
    "always": lambda _: True,
    "last": lambda facts: facts.links_left == 0,
    "left": lambda facts: facts.links_left > 0,
    "open": lambda facts: not facts.solved,
    "solved": lambda facts: facts.solved,
    "structure": lambda facts: facts.came_from is KnowledgeState.STRUCTURE,
    "improve": lambda facts: facts.came_from is KnowledgeState.IMPROVE,
    "other": lambda facts: facts.came_from not in (KnowledgeState.STRUCTURE, KnowledgeState.IMPROVE),
}


def _read(grid: str) -> list[tuple[Act, str, KnowledgeState, str]]:
    head, *lines = grid.strip().splitlines()
    rows = [line.split() for line in lines]
    return [
        (Act(act), when, KnowledgeState(state), cell)
        for act, when, *cells in rows
        for state, cell in zip(head.split(), cells, strict=True)
    ]


TABLE = _read(RULES)
FACTS = [
    Facts(links_left, came_from, solved)
    for links_left, came_from, solved in product((0, 1, 7), (None, *KnowledgeState), (False, True))
]


def expected(state: KnowledgeState, act: Act, facts: Facts) -> KnowledgeState | None:
    """Return where the written table leads, None when it refuses; exactly one row must speak."""
    (cell,) = [
        cell
        for row_act, when, row_state, cell in TABLE
        if (row_act, row_state) == (act, state) and HOLDS[when](facts)
    ]
    return {"=": state, ".": None}.get(cell) if cell in "=." else KnowledgeState(cell)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", KnowledgeState)
def test_every_act_in_every_state_does_what_the_table_says(state: KnowledgeState, act: Act) -> None:
    for facts in FACTS:
        to = expected(state, act, facts)
        if to is None:
            with pytest.raises(RefusedMoveError, match=f"'{act}' is not possible .* '{state}'"):
                after(state, act, facts)
        else:
            assert after(state, act, facts) is to, facts


@pytest.mark.parametrize("state", KnowledgeState)
def test_what_a_page_may_offer_is_what_some_facts_allow(state: KnowledgeState) -> None:
    allowed = {act for act in Act if any(expected(state, act, facts) for facts in FACTS)}
    assert possible(state) == allowed


@given(st.lists(st.tuples(st.sampled_from(Act), st.sampled_from(FACTS)), max_size=60))
def test_no_sequence_of_events_leaves_the_table(events: list[tuple[Act, Facts]]) -> None:
    state = KnowledgeState.CAPTURE
    for act, facts in events:
        try:
            reached = after(state, act, facts)
        except RefusedMoveError:
            assert expected(state, act, facts) is None
        else:
            assert reached is expected(state, act, facts)
            state = reached
