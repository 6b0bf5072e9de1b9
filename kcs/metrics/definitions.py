"""What the link rate is: the one definition that the page, the API, the command and the CSV show."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

NO_RATIO = "\u2013"


class Cell(StrEnum):
    """A count of the report, each of which opens down to its tickets."""

    SOLVED = "solved"
    LINKED = "linked"
    EXEMPT = "exempt"
    UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Definition:
    """A metric in words. `kind` is activity (leading), quality (sampled) or outcome (lagging)."""

    name: str
    title: str
    aliases: tuple[str, ...]
    kind: str
    formula: str
    counts: dict[Cell, str]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    source: str


LINK_RATE = Definition(
    name="link-rate",
    title="Link rate",
    aliases=("participation rate",),
    kind="activity",
    formula="linked ÷ solved; without exempt tickets: linked ÷ (solved \u2212 exempt)",
    counts={
        Cell.SOLVED: "tickets whose latest solving lies in the period",
        Cell.LINKED: (
            "solved tickets with at least one article linked as their resolution, reused or drafted here"
        ),
        Cell.EXEMPT: "solved tickets without such a link where an agent said why no article is needed",
        Cell.UNANSWERED: "all other solved tickets",
    },
    left_out=(
        "links as background reading",
        "links that were removed",
        "tickets reopened and not solved again",
        "tickets deleted or marked as spam on the desk",
    ),
    notes=(
        "A link made after the solving counts as well.",
        "A ticket counts once: for whoever solved it last, in the team they were in then.",
        "A ratio of nothing is left empty, never zero.",
        "This is an activity: watch its trend, set no target on it.",
        "As customers help themselves more, the tickets that remain are newer and the rate may fall.",
    ),
    source="KCS v6, technique 7 / reference to linking (participation rate in v5)",
)


@dataclass(frozen=True)
class Figures:
    """The counts of one row and the ratios made of them. Each solved ticket is in one of the other counts."""

    linked: int = 0
    exempt: int = 0
    unanswered: int = 0

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
            self.linked + other.linked, self.exempt + other.exempt, self.unanswered + other.unanswered
        )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def percent(ratio: float | None) -> str:
    """Show a ratio as a percentage with one decimal, halves rounded up; a dash for a ratio of nothing."""
    if ratio is None:
        return NO_RATIO
    return f"{(Decimal(str(ratio)) * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)} %"
