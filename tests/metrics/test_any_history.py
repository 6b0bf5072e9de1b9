"""Whatever happened, the SQL answers what a slow reading of the log, row by row, answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics import queries
from kcs.metrics.definitions import Cell, Figures
from kcs.metrics.periods import GRAINS, Window, periods
from kcs.metrics.queries import Count, Filter
from kcs.metrics.reach import EVERYBODY, Reach
from kcs.metrics.solved import Question
from tests.metrics.golden import at

# Many sequences, on both databases: a minute in all.
pytestmark = pytest.mark.long

WINDOW = Window(at("2025-03-28T23:00"), at("2025-04-01T22:00"), ZoneInfo("Europe/Madrid"))
# The window's ends, the ends of the short day inside it, and moments around them.
TIMES = [
    moment + timedelta(seconds=seconds)
    for moment in map(
        at,
        ["2025-03-28T23:00", "2025-03-29T23:00", "2025-03-30T22:00", "2025-03-31T22:00", "2025-04-01T22:00"],
    )
    for seconds in (-1, 0, 1)
]
RECORDED = at("2025-05-01")
STATES = ["capture", "reuse", "structure", "improve", "exempt", "answered", "unanswered"]
STANDING = ("ticket.solve", "ticket.reopen", "ticket.excluded")
KINDS = [
    *["ticket.solve"] * 4,
    *["ticket.link"] * 2,
    *["ticket.exempt"] * 2,
    "ticket.unlink",
    "ticket.draft",
    "ticket.discard",
    "ticket.improve",
    "ticket.reopen",
    "ticket.excluded",
    "ticket.restored",
    *["article.edited"] * 2,
]

Row = dict[str, Any]
acts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "ticket_id": st.integers(1, 4),
        "happened_at": st.sampled_from(TIMES),
        "agent_id": st.sampled_from([None, 1, 2, 3]),
        "team_id": st.sampled_from([None, 1, 2]),
        "link_id": st.integers(1, 3),
        "role": st.sampled_from(["resolution", "resolution", "reference"]),
        "after": st.sampled_from([*STATES, "exempt", "exempt"]),
        "connection_id": st.sampled_from([None, 1, 2]),
        "detail": st.sampled_from([{}, {"reason": "credited"}, {"inferred": True}]),
        "passed": st.integers(0, 1),
    }
)
keys = st.sampled_from([None, None, "none", 1, 2])


def history(drawn: list[Row]) -> list[Row]:
    """Give the acts the order of a log: time passes between recordings, or it does not."""
    rows, seconds = [], 0
    for act in drawn:
        seconds += act["passed"]
        row = {key: value for key, value in act.items() if key != "passed"}
        # A link belongs to one ticket.
        row["link_id"] += 10 * row["ticket_id"]
        row |= {"recorded_at": RECORDED + timedelta(seconds=seconds), "authority": "test"}
        rows.append(row)
    return rows


def read_slowly(rows: list[Row], as_of: datetime) -> list[tuple[Row, Cell]]:
    """Return the solving that counts for each ticket of the window, and what became of the ticket."""
    found = []
    for ticket in sorted({row["ticket_id"] for row in rows}):
        mine = [row for row in rows if row["ticket_id"] == ticket and row["recorded_at"] < as_of]
        mine = [row for row in mine if row["kind"].startswith("ticket.")]
        standing = [row for place, row in enumerate(mine) if _stands(row, mine[place + 1 :])]
        if not standing or standing[-1]["kind"] != "ticket.solve":
            continue
        if WINDOW.start <= standing[-1]["happened_at"] < WINDOW.end:
            found.append((standing[-1], _became(mine)))
    return found


def _stands(row: Row, later: list[Row]) -> bool:
    """A ticket left out stands so until it is restored; then what was before it holds."""
    if row["kind"] == "ticket.excluded":
        return all(each["kind"] != "ticket.restored" for each in later)
    return row["kind"] in ("ticket.solve", "ticket.reopen")


def _became(mine: list[Row]) -> Cell:
    removed = {row["link_id"] for row in mine if row["kind"] in ("ticket.unlink", "ticket.discard")}
    for row in mine:
        makes = row["kind"] in ("ticket.link", "ticket.draft") and row["role"] == "resolution"
        if makes and row["link_id"] not in removed:
            return Cell.LINKED
    return Cell.EXEMPT if mine[-1]["after"] == "exempt" else Cell.UNANSWERED


def is_in(solve: Row, became: Cell, cell: Cell) -> bool:
    return "inferred" in solve["detail"] if cell is Cell.INFERRED else cell in (Cell.SOLVED, became)


def figures(read: list[tuple[Row, Cell]], key: Callable[[Row], Any]) -> dict[Any, Figures]:
    counts = Counter(
        (key(solve), cell) for solve, became in read for cell in Cell if is_in(solve, became, cell)
    )
    return {
        name: Figures(**{cell.value: counts[name, cell] for cell in Cell if cell is not Cell.SOLVED})
        for name in {key(solve) for solve, _ in read}
    }


def by_key(counts: list[Count]) -> dict[Any, Figures]:
    assert len({count.key for count in counts}) == len(counts)
    return {count.key: count.figures for count in counts}


def listed(question: Question, cell: Cell, only: Filter) -> list[int]:
    found = queries.list_tickets(question, cell, only, limit=100, offset=0)
    assert queries.count_tickets(question, cell, only) == len(found)
    assert [(t.solved_at, t.ticket_id) for t in found] == sorted(
        ((t.solved_at, t.ticket_id) for t in found), reverse=True
    )
    return sorted(ticket.ticket_id for ticket in found)


@pytest.mark.usefixtures("app")
@given(
    drawn=st.lists(acts, max_size=30),
    second=st.integers(0, 31),
    only_agent=st.sampled_from([None, 1]),
    only=st.builds(
        Filter,
        st.sampled_from([None, None, "none", 1, 2]),
        st.sampled_from([None, None, "none", 1]),
        st.sampled_from([None, None, "none", 1]),
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sql_answers_what_the_log_says(
    drawn: list[Row], second: int, only_agent: int | None, only: Filter
) -> None:
    rows = history(drawn)
    as_of = RECORDED + timedelta(seconds=second)
    if rows:
        db.session.execute(insert(Activity), rows)
    try:
        reach = EVERYBODY if only_agent is None else Reach(agent_id=only_agent)
        question = Question(WINDOW, as_of, reach)
        read = [
            (solve, cell)
            for solve, cell in read_slowly(rows, as_of)
            if only_agent is None or solve["agent_id"] == only_agent
        ]
        check_rows(question, read)
        check_cells(question, read, only)
    finally:
        db.session.rollback()


def check_rows(question: Question, read: list[tuple[Row, Cell]]) -> None:
    assert by_key(queries.count_by_agent(question)) == figures(read, lambda solve: solve["agent_id"])
    assert by_key(queries.count_by_team(question)) == figures(read, lambda solve: solve["team_id"])
    by_desk = figures(read, lambda solve: solve["connection_id"])
    assert by_key(queries.count_by_desk(question)) == by_desk
    for by in GRAINS:
        calendar = periods(question.window, by)

        def place(solve: Row, calendar: Any = calendar) -> int:
            inside = [each.start <= solve["happened_at"] < each.end for each in calendar]
            return inside.index(True)

        assert by_key(queries.count_by_period(question, calendar)) == figures(read, place)


def check_cells(question: Question, read: list[tuple[Row, Cell]], only: Filter) -> None:
    def inside(solve: Row) -> bool:
        wanted = {"agent_id": only.agent, "team_id": only.team, "connection_id": only.desk}
        return all(key in (None, solve[name] or "none") for name, key in wanted.items())

    for cell in Cell:
        expected = [
            solve["ticket_id"] for solve, became in read if is_in(solve, became, cell) and inside(solve)
        ]
        assert listed(question, cell, only) == sorted(expected), cell
