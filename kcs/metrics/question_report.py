"""The report on experts: who is asked how much, how soon they answer, and the questions behind that."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from kcs.errors import NotFound
from kcs.metrics.definitions import Definition
from kcs.metrics.paging import Paged
from kcs.metrics.periods import Window
from kcs.metrics.question_definition import EXPERTS, QuestionCell, QuestionFigures
from kcs.metrics.question_queries import AskedTurn, ExpertKey, asked_turns, names_of, tickets_of
from kcs.metrics.reach import Reach
from kcs.metrics.services import PER_PAGE, settled
from kcs.metrics.solved import Question
from kcs.sentences import Sentence


@dataclass(frozen=True)
class ExpertRow:
    """The figures of one expert; `expert` None is the total."""

    expert: ExpertKey | None
    label: str
    figures: QuestionFigures

    @property
    def key(self) -> str:
        """What names the row in an address: agent-7, outside-3 or total."""
        return str(self.expert) if self.expert else "total"


@dataclass(frozen=True)
class ExpertReport:
    """A report on experts: every figure in it is as of `as_of` and stays so."""

    definition: Definition
    window: Window
    as_of: datetime
    rows: tuple[ExpertRow, ...]
    total: ExpertRow


@dataclass(frozen=True)
class ListedQuestion:
    """One turn behind a figure. `connection` and `remote_id` are None where the ticket is no longer kept."""

    turn: AskedTurn
    expert: str
    connection: str | None
    remote_id: str | None


@dataclass(frozen=True)
class QuestionPage(Paged):
    """One page of the questions behind a figure; `total` is that figure, `who` names the row it is in."""

    cell: QuestionCell
    expert: ExpertKey | None
    who: str | None
    window: Window
    as_of: datetime
    number: int
    per_page: int
    total: int
    items: tuple[ListedQuestion, ...]


def experts(*, window: Window, as_of: datetime | None, reach: Reach) -> ExpertReport:
    """Compute the report as of a moment, None for now, of the experts `reach` covers.

    Ends the present transaction. Raises InvalidInput when `as_of` is not over yet.
    """
    counted: defaultdict[ExpertKey, list[AskedTurn]] = defaultdict(list)
    with settled(as_of) as moment:
        for turn in asked_turns(Question(window, moment, reach)):
            counted[turn.expert].append(turn)
        names = names_of(list(counted))
    rows = [ExpertRow(key, names.get(key, str(key)), _figures(turns)) for key, turns in counted.items()]
    # By name, never by figure: this is no ranking.
    rows.sort(key=lambda row: (row.label.casefold(), row.key))
    total = sum((row.figures for row in rows), QuestionFigures())
    return ExpertReport(EXPERTS, window, moment, tuple(rows), ExpertRow(None, Sentence("Total"), total))


def questions(
    *,
    cell: QuestionCell,
    expert: ExpertKey | None,
    window: Window,
    as_of: datetime | None,
    reach: Reach,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> QuestionPage:
    """Return the questions behind a figure, last asked first.

    Ends the present transaction. Raises InvalidInput when `as_of` is not over yet, NotFound for an expert
    who has no question within `reach`.
    """
    with settled(as_of) as moment:
        turns = list(asked_turns(Question(window, moment, reach), expert))
        if expert is not None and not turns:
            raise NotFound("There is no such expert. Choose one from the report.")
        found = [turn for turn in turns if turn.counts_in(cell)]
        shown = list(islice(found, (page - 1) * per_page, page * per_page))
        names = names_of([*{turn.expert for turn in shown}, *([expert] if expert else [])])
        places = tickets_of([turn.ticket_id for turn in shown])
    items = tuple(
        ListedQuestion(
            turn, names.get(turn.expert, str(turn.expert)), *places.get(turn.ticket_id, (None, None))
        )
        for turn in shown
    )
    who = names.get(expert, str(expert)) if expert else None
    return QuestionPage(cell, expert, who, window, moment, page, per_page, len(found), items)


def _figures(turns: list[AskedTurn]) -> QuestionFigures:
    counts = {cell: sum(turn.counts_in(cell) for turn in turns) for cell in QuestionCell}
    return QuestionFigures(
        passed_on=counts[QuestionCell.PASSED_ON],
        waiting=counts[QuestionCell.WAITING],
        ended=counts[QuestionCell.ENDED],
        drafted=counts[QuestionCell.DRAFTED],
        seconds=tuple(
            (turn.answered_at - turn.asked_at).total_seconds()
            for turn in turns
            if turn.answered_at is not None
        ),
    )
