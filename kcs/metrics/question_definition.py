"""What the report on experts counts: one definition for the page, the API, the command and the CSV."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from kcs.metrics.definitions import Definition
from kcs.sentences import Sentence


class QuestionCell(StrEnum):
    """A count of the report, each of which opens down to its questions."""

    ASKED = "asked"
    ANSWERED = "answered"
    PASSED_ON = "passed_on"
    WAITING = "waiting"
    ENDED = "ended"
    DRAFTED = "drafted"


EXPERTS = Definition(
    name="experts",
    title=Sentence("Questions to experts"),
    aliases=(),
    kind="activity",
    formula=Sentence(
        "asked = answered + passed on + waiting + ended; time to answer: the median of the answered"
    ),
    counts={
        QuestionCell.ASKED: Sentence(
            "times the expert was asked in the period, or had a question passed on to them"
        ),
        QuestionCell.ANSWERED: Sentence("of these, answered by them, whenever that was"),
        QuestionCell.PASSED_ON: Sentence("of these, passed on to somebody who knows better"),
        QuestionCell.WAITING: Sentence("of these, still waiting for an answer"),
        QuestionCell.ENDED: Sentence("of these, taken back, or over before anybody answered"),
        QuestionCell.DRAFTED: Sentence("of the answered, those that became an article"),
    },
    left_out=(Sentence("changes of an answer"), Sentence("reminders")),
    notes=(
        Sentence("A question that is passed on counts for each expert whose turn it was."),
        Sentence(
            "The time to answer runs from the expert's own turn to their first answer, nights included."
        ),
        Sentence("People without a seat count as well."),
        Sentence(
            "An activity: it shows who is asked much and what is worth an article. Set no target on it."
        ),
    ),
    source=Sentence("no metric of the methodology: it follows from its practice of asking who knows"),
)


@dataclass(frozen=True)
class QuestionFigures:
    """The counts of one expert, and how long they took to answer, in seconds, one number an answer."""

    passed_on: int = 0
    waiting: int = 0
    ended: int = 0
    drafted: int = 0
    seconds: tuple[float, ...] = ()

    @property
    def asked(self) -> int:
        """All turns of the row."""
        return self.answered + self.passed_on + self.waiting + self.ended

    @property
    def answered(self) -> int:
        """The turns that brought an answer."""
        return len(self.seconds)

    @property
    def median_hours(self) -> float | None:
        """Hours from being asked to the answer, to a hundredth; None where nobody answered."""
        return round(median(self.seconds) / 3600, 2) if self.seconds else None

    def __add__(self, other: QuestionFigures) -> QuestionFigures:
        return QuestionFigures(
            self.passed_on + other.passed_on,
            self.waiting + other.waiting,
            self.ended + other.ended,
            self.drafted + other.drafted,
            self.seconds + other.seconds,
        )
