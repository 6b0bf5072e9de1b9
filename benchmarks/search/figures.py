"""What is measured and what it has to reach: one table, in the order in which it is printed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

OURS, FTS5, BM25S = "ours", "fts5", "bm25s"
ENGINES = (OURS, FTS5, BM25S)


@dataclass(frozen=True)
class Goal:
    """The least a figure must be and what it should be; of a cost, the most."""

    must: float
    aim: float
    cost: bool = False

    def met(self, value: float) -> str:
        """Return how far a figure got, in a word."""
        reached = [value <= goal if self.cost else value >= goal for goal in (self.must, self.aim)]
        return "aim" if all(reached) else "must" if reached[0] else "short"


@dataclass(frozen=True)
class Figure:
    """A measured value for each engine that has one. `unit` is empty for shares of one."""

    name: str
    values: dict[str, float] = field(default_factory=dict)
    goal: Goal | None = None
    unit: str = ""

    def as_data(self) -> dict[str, object]:
        """Return it for a file."""
        met = self.goal.met(self.values[OURS]) if self.goal and OURS in self.values else None
        return {**asdict(self), "met": met}


def table(figures: list[Figure]) -> str:
    """Return the figures as lines of text, ours beside the others and what is to be reached."""
    head = ["", *ENGINES, "must", "aim", ""]
    lines = [head, *(_cells(figure) for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
            ]
        )
        for line in lines
    )


def _cells(figure: Figure) -> list[str]:
    values = [_shown(figure.values.get(engine), figure.unit) for engine in ENGINES]
    if figure.goal is None:
        return [figure.name, *values, "", "", ""]
    met = figure.goal.met(figure.values[OURS]) if OURS in figure.values else ""
    goals = [_shown(figure.goal.must, figure.unit), _shown(figure.goal.aim, figure.unit)]
    return [figure.name, *values, *goals, met]


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if not unit:
        return f"{value:.3f}".removeprefix("0") if 0 <= value < 1 else f"{value:.3f}"
    return f"{value:,.1f} {unit}" if value < 100 else f"{value:,.0f} {unit}"
