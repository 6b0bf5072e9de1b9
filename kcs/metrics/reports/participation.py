"""Active participants: of the people who close tickets, how many do anything for knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kcs.metrics import labels
from kcs.metrics.counting import Counted
from kcs.metrics.facts.source import ACTS_OF_PEOPLE, SOLVED
from kcs.metrics.model import (
    NOBODY,
    PERIODS,
    Count,
    Item,
    ItemPage,
    Items,
    Kind,
    Metric,
    Number,
    Only,
    Report,
    Row,
    Scope,
    Segment,
    Shape,
    Unit,
)
from kcs.metrics.periods import Window, periods
from kcs.metrics.reports.activity import REPORT as ACTIVITY
from kcs.metrics.reports.on_solved import BY_DEPARTMENT, NEVER_ZERO
from kcs.sentences import Sentence

CLOSERS, ACTIVE = "closers", "active"
_COUNTS = (
    Count(
        CLOSERS, Sentence("Close tickets"), Sentence("people who solved at least one ticket"), Items.PEOPLE
    ),
    Count(
        ACTIVE,
        Sentence("Take part"),
        Sentence(
            "of these, people who linked, created, modified or flagged at least once in the same period"
        ),
        Items.PEOPLE,
    ),
)


@dataclass(frozen=True)
class People:
    """Counts people, each once: who closed tickets, and who of them did anything for knowledge."""

    def rows(self, scope: Scope, by: Segment) -> list[Row]:
        """Return the figures of each team, or of each period of the window."""
        closers = _CLOSERS.people(scope, by)
        if by in PERIODS:
            acting = _ACTING.people(_alone(scope), by)
            return [
                Row(
                    period.label,
                    period.label,
                    _figures(closers.get(number, set()), acting.get(number, set())),
                    scope.only,
                    Window(period.start, period.end, scope.window.zone),
                    period.partial,
                )
                for number, period in enumerate(periods(scope.window, by))
            ]
        everybody = _ACTING.people(_alone(scope), None).get(None, set())
        found = []
        for key, people in closers.items():
            name = NOBODY if key is None else key
            figures = _figures(people, everybody)
            found.append(Row(name, str(name), figures, scope.only.and_(by, name), scope.window))
        return found

    def total(self, scope: Scope) -> Mapping[str, Number | None]:
        """Return the figures of everybody within the scope."""
        return _figures(*self._both(scope))

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of the people counted, by name."""
        closers, acting = self._both(scope)
        people = closers & acting if count == ACTIVE else closers
        names = labels.names_of(Segment.AGENT, people)
        shown = sorted(people, key=lambda number: (names[number].casefold(), number))[offset : offset + limit]
        items = tuple(Item({"id": number, "agent": names[number]}) for number in shown)
        return ItemPage((("agent", Sentence("Who")),), items, len(people))

    def _both(self, scope: Scope) -> tuple[set[int], set[int]]:
        acting = _ACTING.people(_alone(scope), None).get(None, set())
        return _CLOSERS.people(scope, None).get(None, set()), acting


def _alone(scope: Scope) -> Scope:
    """Wherever somebody closed tickets, what they did anywhere counts."""
    return replace(scope, only=Only())


def _figures(closers: set[int], acting: set[int]) -> Mapping[str, Number | None]:
    return {CLOSERS: len(closers), ACTIVE: len(closers & acting)}


_CLOSERS = Counted((), SOLVED)
_ACTING = Counted(ACTIVITY.counts, ACTS_OF_PEOPLE)

REPORT = Report(
    name="participation",
    title=Sentence("Active participants"),
    words=Sentence("Of the people who close tickets, how many do anything for knowledge."),
    counts=_COUNTS,
    metrics=(
        Metric(
            "active_participants",
            Sentence("Active participants"),
            Kind.ACTIVITY,
            Unit.SHARE,
            Sentence("people who take part ÷ people who close tickets"),
            "A ÷ P",
            Sentence("this project's definition"),
            numerator=(ACTIVE,),
            denominator=(CLOSERS,),
            paired="link_accuracy",
        ),
    ),
    segments=(Segment.WEEK, Segment.MONTH, Segment.QUARTER, Segment.DAY, Segment.TEAM, Segment.DEPARTMENT),
    reader=People(),
    shape=Shape.TREND,
    drawn=("active_participants",),
    left_out=(Sentence("people who closed no ticket in the period, whatever they did"),),
    notes=(
        Sentence("A person counts once in each row, so rows do not add up to the total."),
        BY_DEPARTMENT,
        NEVER_ZERO,
    ),
)
