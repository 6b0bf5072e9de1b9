"""Questions to experts: who is asked how much, what became of it, and how soon they answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from kcs.errors import NotFound
from kcs.metrics.model import (
    Count,
    Item,
    ItemPage,
    Items,
    Kind,
    Metric,
    Number,
    Report,
    Row,
    Scope,
    Segment,
    Shape,
    Unit,
)
from kcs.metrics.turns import AskedTurn, ExpertKey, Outcome, asked_turns, names_of, tickets_of
from kcs.sentences import Sentence

TIME_TO_ANSWER = "time_to_answer"
_COUNTS = tuple(
    Count(outcome, title, words, Items.QUESTIONS)
    for outcome, title, words in (
        (
            Outcome.ASKED,
            Sentence("Asked"),
            Sentence("times the expert was asked in the period, or had a question passed on to them"),
        ),
        (Outcome.ANSWERED, Sentence("Answered"), Sentence("of these, answered by them, whenever that was")),
        (
            Outcome.PASSED_ON,
            Sentence("Passed on"),
            Sentence("of these, passed on to somebody who knows better"),
        ),
        (Outcome.WAITING, Sentence("Waiting"), Sentence("of these, still waiting for an answer")),
        (Outcome.ENDED, Sentence("Ended"), Sentence("of these, taken back, or over before anybody answered")),
        (Outcome.DRAFTED, Sentence("Drafted"), Sentence("of the answered, those that became an article")),
    )
)
_COLUMNS = (
    ("agent", Sentence("Expert")),
    ("ticket", Sentence("Ticket")),
    ("connection", Sentence("Desk")),
    ("outcome", Sentence("What became of it")),
    ("answered_at", Sentence("Answered")),
    ("happened_at", Sentence("Asked")),
)
_SAID: Mapping[str, Sentence] = {count.name: count.title for count in _COUNTS}


@dataclass(frozen=True)
class Turns:
    """Counts turns: a question that is passed on counts for each expert whose turn it was."""

    def rows(self, scope: Scope, by: Segment) -> list[Row]:
        """Return the figures of each expert, by name."""
        counted: defaultdict[ExpertKey, list[AskedTurn]] = defaultdict(list)
        for turn in _turns(scope):
            counted[turn.expert].append(turn)
        names = names_of(list(counted))
        rows = [
            Row(
                key=str(key),
                label=names.get(key, str(key)),
                figures=_figures(turns),
                only=scope.only.and_(by, str(key)),
                window=scope.window,
            )
            for key, turns in counted.items()
        ]
        return sorted(rows, key=lambda row: (row.label.casefold(), str(row.key)))

    def total(self, scope: Scope) -> Mapping[str, Number | None]:
        """Return the figures of everybody within the scope."""
        return _figures(_turns(scope))

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of the turns counted, last asked first."""
        turns = _turns(scope)
        if not turns and Segment.EXPERT in scope.only.keys:
            raise NotFound("There is no such expert. Choose one from the report.")
        found = [turn for turn in turns if turn.counts_in(Outcome(count))]
        shown = found[offset : offset + limit]
        names = names_of(list({turn.expert for turn in shown}))
        places = tickets_of([turn.ticket_id for turn in shown])
        items = tuple(_item(turn, names, places) for turn in shown)
        return ItemPage(_COLUMNS, items, len(found))


def _turns(scope: Scope) -> list[AskedTurn]:
    key = scope.only.keys.get(Segment.EXPERT)
    return list(asked_turns(scope, None if key is None else ExpertKey.read(str(key))))


def _figures(turns: list[AskedTurn]) -> dict[str, Number | None]:
    counts: dict[str, Number | None] = {
        outcome.value: sum(turn.counts_in(outcome) for turn in turns) for outcome in Outcome
    }
    waited = [
        Fraction((turn.answered_at - turn.asked_at).total_seconds())
        for turn in turns
        if turn.answered_at is not None
    ]
    return {**counts, TIME_TO_ANSWER: median(waited) if waited else None}


def _item(turn: AskedTurn, names: Mapping[ExpertKey, str], places: Mapping[int, tuple[str, str]]) -> Item:
    connection, ticket = places.get(turn.ticket_id, (None, None))
    return Item(
        {
            "id": turn.question_id,
            "agent": names.get(turn.expert, str(turn.expert)),
            "ticket": ticket,
            "connection": connection,
            "outcome": _SAID[turn.outcome],
            "drafted": turn.drafted,
            "answered_at": turn.answered_at,
            "happened_at": turn.asked_at,
        }
    )


REPORT = Report(
    name="experts",
    title=Sentence("Questions to experts"),
    words=Sentence("How much each expert is asked, what became of it, and how soon they answer."),
    counts=_COUNTS,
    metrics=(
        Metric(
            TIME_TO_ANSWER,
            Sentence("Time to answer"),
            Kind.OUTCOME,
            Unit.DURATION,
            Sentence("median of the time from the expert's own turn to their first answer"),
            "med(a \u2212 q)",
            Sentence("no metric of the methodology: it follows from its practice of asking who knows"),
        ),
    ),
    segments=(Segment.EXPERT,),
    reader=Turns(),
    shape=Shape.NONE,
    left_out=(Sentence("changes of an answer"), Sentence("reminders")),
    notes=(
        Sentence("asked = answered + passed on + waiting + ended"),
        Sentence("A question that is passed on counts for each expert whose turn it was."),
        Sentence("The time to answer runs by the clock, nights included."),
        Sentence("People without a seat count as well: their rows are in everybody's reach only."),
        Sentence("It shows who is asked much and what is worth an article. Set no target on it."),
    ),
)
