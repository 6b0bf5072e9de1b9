"""What the link rate is: the one definition that the page, the API, the command and the CSV show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from kcs.sentences import Sentence

NO_RATIO = "\u2013"


class Cell(StrEnum):
    """A count of the report, each of which opens down to its tickets."""

    SOLVED = "solved"
    LINKED = "linked"
    EXEMPT = "exempt"
    UNANSWERED = "unanswered"
    INFERRED = "inferred"


@dataclass(frozen=True)
class Definition:
    """A metric in words. `kind` is activity (leading), quality (sampled) or outcome (lagging)."""

    name: str
    title: str
    aliases: tuple[str, ...]
    kind: str
    formula: str
    counts: Mapping[StrEnum, str]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    source: str


LINK_RATE = Definition(
    name="link-rate",
    title=Sentence("Link rate"),
    aliases=(Sentence("participation rate"),),
    kind=Sentence("activity"),
    formula=Sentence("linked ÷ solved; without exempt tickets: linked ÷ (solved \u2212 exempt)"),
    counts={
        Cell.SOLVED: Sentence("tickets whose latest solving lies in the period"),
        Cell.LINKED: (
            Sentence(
                "solved tickets with at least one article linked as their resolution, reused or drafted here"
            )
        ),
        Cell.EXEMPT: Sentence(
            "solved tickets without such a link where an agent said why no article is needed"
        ),
        Cell.UNANSWERED: Sentence("all other solved tickets"),
        Cell.INFERRED: Sentence("solved tickets whose desk does not tell who solved them"),
    },
    left_out=(
        Sentence("links as background reading"),
        Sentence("links that were removed"),
        Sentence("tickets reopened and not solved again"),
        Sentence("tickets deleted on the desk and not restored"),
        Sentence("tickets closed into another one, which is the one that counts"),
    ),
    notes=(
        Sentence("A link made after the solving counts as well."),
        Sentence("A ticket counts once: for whoever solved it last, in the team they were in then."),
        Sentence(
            "Some desks do not always tell who solved a ticket: then it is taken to be the assignee, and "
            "counted as inferred besides."
        ),
        Sentence("A ratio of nothing is left empty, never zero."),
        Sentence("This is an activity: watch its trend, set no target on it."),
        Sentence(
            "As customers help themselves more, the tickets that remain are newer and the rate may fall."
        ),
    ),
    source=Sentence("KCS v6, technique 7 / reference to linking (participation rate in v5)"),
)


@dataclass(frozen=True)
class Figures:
    """The counts of one row and the ratios made of them.

    Each solved ticket is linked, exempt or unanswered; `inferred` says of how many of them its desk did not
    tell who solved them.
    """

    linked: int = 0
    exempt: int = 0
    unanswered: int = 0
    inferred: int = 0

    @property
    def solved(self) -> int:
        """All tickets of the row."""
        return self.linked + self.exempt + self.unanswered

    @property
    def link_rate(self) -> float | None:
        """Linked ÷ solved, 0 to 1; None when nothing was solved."""
        return _ratio(self.linked, self.solved)

    @property
    def link_rate_without_exempt(self) -> float | None:
        """Linked ÷ (solved less exempt), 0 to 1; None when nothing is left to divide by."""
        return _ratio(self.linked, self.solved - self.exempt)

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.linked + other.linked,
            self.exempt + other.exempt,
            self.unanswered + other.unanswered,
            self.inferred + other.inferred,
        )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def percent(ratio: float | None) -> str:
    """Show a ratio as a percentage with one decimal, halves rounded up; a dash for a ratio of nothing."""
    if ratio is None:
        return NO_RATIO
    return f"{(Decimal(str(ratio)) * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)} %"
