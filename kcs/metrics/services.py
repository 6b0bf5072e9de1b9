"""Reports: the link rate, and the tickets behind each of its figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from kcs import database
from kcs.activity import services as activity
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.metrics import queries
from kcs.metrics.definitions import LINK_RATE, Cell, Definition, Figures
from kcs.metrics.paging import Paged
from kcs.metrics.periods import GRAINS, By, Window, periods
from kcs.metrics.queries import NOBODY, Count, Filter, Key, SolvedTicket
from kcs.metrics.reach import Reach
from kcs.metrics.solved import Question
from kcs.people.models import Agent, Team
from kcs.sentences import Sentence

NOBODY_OF_OURS = Sentence("Nobody of ours")
NO_TEAM = Sentence("No team")
NO_DESK = Sentence("No desk")
PER_PAGE = 50


@dataclass(frozen=True)
class Row:
    """The figures of one agent, team, desk or period. `only` and `window` find its tickets again.

    `key` is the id of the agent, team or connection ("none" for nobody of ours or no team), or the name of
    the period.
    """

    key: str
    label: str
    figures: Figures
    only: Filter
    window: Window
    partial: bool = False


@dataclass(frozen=True)
class Report:
    """A link-rate report: every figure in it is as of `as_of` and stays so."""

    definition: Definition
    by: By
    window: Window
    as_of: datetime
    rows: tuple[Row, ...]
    total: Row


@dataclass(frozen=True)
class TicketPage(Paged):
    """One page of the tickets behind a figure; `total` is that figure, `who` names the row it is in."""

    cell: Cell
    only: Filter
    who: str | None
    window: Window
    as_of: datetime
    number: int
    per_page: int
    total: int
    items: tuple[SolvedTicket, ...]


def link_rate(*, by: By, window: Window, as_of: datetime | None, reach: Reach) -> Report:
    """Compute the link rate as of a moment, None for now, of the people `reach` covers.

    Ends the present transaction. Raises InvalidInput when `as_of` is not over yet.
    """
    with settled(as_of) as moment:
        rows = _rows(by, Question(window, moment, reach))
    total = sum((row.figures for row in rows), Figures())
    return Report(
        LINK_RATE, by, window, moment, tuple(rows), Row("total", Sentence("Total"), total, Filter(), window)
    )


def tickets(
    *,
    cell: Cell,
    only: Filter,
    window: Window,
    as_of: datetime | None,
    reach: Reach,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> TicketPage:
    """Return the tickets behind a figure, last solved first.

    Ends the present transaction. Raises InvalidInput when `as_of` is not over yet, NotFound for an agent
    who does not exist or is beyond `reach`.
    """
    with settled(as_of) as moment:
        who = _agent_name(only.agent, reach)
        question = Question(window, moment, reach)
        total = queries.count_tickets(question, cell, only)
        found = queries.list_tickets(question, cell, only, limit=per_page, offset=(page - 1) * per_page)
        if found and who is None:  # named only to people who see a ticket of it
            who = _team_name(only.team) or _desk_name(only.desk)
    return TicketPage(cell, only, who, window, moment, page, per_page, total, tuple(found))


@contextmanager
def settled(as_of: datetime | None) -> Iterator[datetime]:
    """Let running transactions end, then read as of the moment; the caller's mode comes back at the end.

    Raises InvalidInput when `as_of` is not over yet.
    """
    with database.reading():
        latest = activity.settle()
        if as_of is not None and as_of > latest:
            message = Sentence(
                "A report as of %(moment)s would change later: that moment is not over. "
                "Leave 'as_of' empty for now, or give a moment in the past.",
                moment=f"{as_of:%Y-%m-%d %H:%M:%S %Z}",
            )
            raise InvalidInput(message, errors={"as_of": [message]})
        database.begin_reading()
        if database.is_postgresql():
            # Compiling these queries takes several times as long as running them.
            db.session.execute(text("SET LOCAL jit = off"))
        yield as_of or latest


def _agent_name(agent: Key | None, reach: Reach) -> str | None:
    if agent is None:
        return None
    if agent == NOBODY and reach.everybody:
        return NOBODY_OF_OURS
    person = None if agent == NOBODY else db.session.get(Agent, agent)
    if person is None or not reach.covers(person):
        raise NotFound("There is no such agent. Choose one from the report.")
    return person.name


def _team_name(team: Key | None) -> str | None:
    if team is None:
        return None
    found = None if team == NOBODY else db.session.get(Team, team)
    return found.name if found else NO_TEAM


def _desk_name(desk: Key | None) -> str | None:
    if desk is None:
        return None
    return NO_DESK if desk == NOBODY else queries.desk_name(desk)


_NAMED = {
    By.AGENT: (queries.count_by_agent, NOBODY_OF_OURS),
    By.TEAM: (queries.count_by_team, NO_TEAM),
    By.DESK: (queries.count_by_desk, NO_DESK),
}


def _rows(by: By, question: Question) -> list[Row]:
    if by in GRAINS:
        return _period_rows(by, question)
    count, nobody = _NAMED[by]
    return _named_rows(count(question), nobody, question.window, by)


def _named_rows(counts: list[Count], nobody: str, window: Window, by: By) -> list[Row]:
    """Rows by name, never by figure: this is no ranking."""
    rows = []
    for count in sorted(
        counts, key=lambda count: (count.key is None, (count.name or "").casefold(), count.key)
    ):
        key: Key = NOBODY if count.key is None else count.key
        label = nobody if count.key is None else count.name or Sentence("Number %(id)s", id=count.key)
        rows.append(Row(str(key), label, count.figures, Filter(**{by.value: key}), window))
    return rows


def _period_rows(by: By, question: Question) -> list[Row]:
    """One row for each period of the window, also for those in which nothing was solved."""
    calendar = periods(question.window, by)
    counts = {count.key: count.figures for count in queries.count_by_period(question, calendar)}
    return [
        Row(
            key=period.label,
            label=period.label,
            figures=counts.get(number, Figures()),
            only=Filter(),
            window=Window(period.start, period.end, question.window.zone),
            partial=period.partial,
        )
        for number, period in enumerate(calendar)
    ]
