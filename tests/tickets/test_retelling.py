"""The history that marks make: what is told, what is inferred, and what explains what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from kcs.ports import DeskStatus as S
from kcs.tickets.retelling import Mark, last_solving, retell

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANN, BOB, ASSIGNEE = "ann", "bob", "assignee"


def at(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


def heard(minute: float, who: str, before: S | None, after: S) -> Mark:
    return Mark("", at(minute), after, who, heard=True, before=before)


def seen(minute: float, after: S, *, exact: bool = False) -> Mark:
    return Mark("", at(minute), after, ASSIGNEE, exact=exact)


SOLVED_BY_ANN = heard(3, ANN, S.OPEN, S.SOLVED)
REOPENED = heard(5, "u1", S.SOLVED, S.OPEN)
SOLVED_BY_BOB = heard(7, BOB, S.OPEN, S.SOLVED)
CLOSED = heard(60, "rule", S.SOLVED, S.CLOSED)

# name: marks, then who is said to have moved it where; a question mark stands behind what is inferred.
CASES: dict[str, tuple[list[Mark], list[str]]] = {
    "nothing known": ([], []),
    "told": ([SOLVED_BY_ANN, REOPENED], ["ann solved", "u1 open"]),
    "seen, and told by nobody": ([seen(3, S.SOLVED)], ["assignee solved?"]),
    "seen when it happened, told a little earlier": (
        [seen(3, S.SOLVED, exact=True), SOLVED_BY_ANN], ["ann solved"]),
    "told some seconds later than it was read": (
        [seen(3, S.SOLVED, exact=True), heard(3.2, ANN, S.OPEN, S.SOLVED)], ["ann solved"]),
    "seen some time afterwards": ([seen(50, S.SOLVED), SOLVED_BY_ANN], ["ann solved"]),
    "solved again since": (
        [SOLVED_BY_ANN, seen(7, S.SOLVED, exact=True)], ["ann solved", " open?", "assignee solved?"]),
    "solved again, and told": (
        [SOLVED_BY_ANN, SOLVED_BY_BOB, seen(7, S.SOLVED, exact=True)],
        ["ann solved", " open?", "bob solved"]),
    "solved and reopened in one minute, then seen solved": (
        [SOLVED_BY_ANN, heard(3.3, "u1", S.SOLVED, S.OPEN), seen(3.7, S.SOLVED, exact=True)],
        ["ann solved", "u1 open", "assignee solved?"]),
    "reopened, as was seen": ([SOLVED_BY_ANN, seen(5, S.OPEN)], ["ann solved", "assignee open?"]),
    "closed from a status nobody saw it come to": ([CLOSED], ["assignee solved?", "rule closed"]),
    "solved by nobody known between reopening and closing": (
        [SOLVED_BY_ANN, REOPENED, CLOSED], ["ann solved", "u1 open", "assignee solved?", "rule closed"]),
    "seen closed, told closed": (
        [SOLVED_BY_ANN, seen(60, S.CLOSED), CLOSED], ["ann solved", "rule closed"]),
    "one change told by two ways": (
        [SOLVED_BY_ANN, replace(SOLVED_BY_ANN, at=at(3.1))], ["ann solved"]),
    "what was before is not told": (
        [heard(3, ANN, None, S.SOLVED), heard(5, "u1", None, S.OPEN)], ["ann solved", "u1 open"]),
    "several in one second": (
        [replace(REOPENED, at=at(3)), SOLVED_BY_ANN], ["ann solved", "u1 open"]),
    "other moves": ([heard(1, ANN, S.OPEN, S.PENDING), seen(2, S.OPEN)], ["ann pending"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_marks_make_one_history_in_whatever_order_they_come(name: str) -> None:
    marks, told = CASES[name]
    named = [replace(mark, id=str(number)) for number, mark in enumerate(marks)]
    for shuffled in permutations(named):
        retold = retell(shuffled, ASSIGNEE)
        found = [f"{each.author_id} {each.after}{'?' * each.inferred}" for each in retold.changes]
        assert found == told
        times = [each.at for each in retold.changes]
        assert times == sorted(times)
        assert len({each.id for each in retold.changes}) == len(told)
        solved = {mark.id: mark.after.is_solved for mark in named}
        for mark_id, place in retold.place.items():
            if mark_id in solved:
                assert retold.changes[place].after.is_solved is solved[mark_id]


@pytest.mark.parametrize(
    ("name", "solver"),
    [
        ("told", "ann"),
        ("solved again, and told", "bob"),
        ("closed from a status nobody saw it come to", "assignee"),
        ("seen closed, told closed", "ann"),
        ("other moves", None),
    ],
)
def test_the_last_solving_is_that_of_whoever_solved_it_last(name: str, solver: str | None) -> None:
    found = last_solving(retell(CASES[name][0], ASSIGNEE).changes)
    assert (found.author_id if found else None) == solver
