"""What a mail shows of a report: its metrics, each activity with its quality figure, then its counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kcs.metrics.comparing import Compare
from kcs.metrics.drawing.drawn import judged_of
from kcs.metrics.figures import written
from kcs.metrics.hints import Hint
from kcs.metrics.missing import Missing, missing_of
from kcs.metrics.model import Count, Key, Kind, Metric, Row
from kcs.metrics.pairing import Quality, qualities_of
from kcs.metrics.services import Table
from kcs.sentences import Sentence

_NOT_TOLD_APART = "not_told_apart"


@dataclass(frozen=True)
class Side:
    """A table that figures stand in, by the keys of its rows, with why figures are missing in it."""

    missing: Missing
    rows: Mapping[Key, Row]

    @classmethod
    def of(cls, table: Table) -> Side:
        """Read why figures of a table are missing."""
        return cls(missing_of(table), {row.key: row for row in (*table.rows, table.total)})


@dataclass(frozen=True)
class Column:
    """A figure of a mail; `side` None where nobody tells the rows of the mail apart so."""

    figure: Count | Metric
    side: Side | None

    @property
    def kind(self) -> Kind | None:
        """What a metric tells, None of a count."""
        return self.figure.kind if isinstance(self.figure, Metric) else None

    def cell(self, key: Key) -> tuple[str, str]:
        """Return what the figure is in a row and what it was before, as the reader's language writes it."""
        now = self.side.rows.get(key) if self.side else None
        before = (self.side.missing.table.compared or {}).get(key) if self.side else None
        return self._written(now), self._written(before)

    def reasons(self, key: Key) -> Iterator[Hint]:
        """Yield why there is a dash in a row."""
        if self.side is None:
            said = Sentence("%(figure)s is not told apart by these rows.", figure=self.figure.title)
            yield Hint(f"{_NOT_TOLD_APART}_{self.figure.name}", said)
            return
        row, beside = self.side.rows.get(key), self.side.missing.beside(key)
        for why in (self.side.missing.of(row) if row else beside, beside):
            yield from why.get(self.figure.name, ())

    def _written(self, row: Row | None) -> str:
        return written(row.figures.get(self.figure.name) if row else None, self.figure.unit)


def columns_of(table: Table) -> list[Column]:
    """Return all that a mail shows of a table; reads what activities are paired with in other reports.

    Raises as `kcs.metrics.services.compute`.
    """
    own = Side.of(table)
    paired = {each.metric.name: each for each in qualities_of(table, Compare.PREVIOUS)}
    columns: list[Column] = []
    metrics = table.report.metrics
    for place, metric in enumerate(metrics):
        columns.append(Column(metric, own))
        later = {each.paired for each in metrics[place + 1 :]}
        if metric.paired in paired and metric.paired not in later:
            columns += _of_quality(paired[metric.paired])
    return [*columns, *(Column(count, own) for count in table.report.counts if count.listed)]


def _of_quality(quality: Quality) -> Sequence[Column]:
    """Return a quality figure and, where that is one count, how many things were judged for it."""
    side = Side.of(quality.there) if quality.there else None
    judged = judged_of(quality.report, quality.metric)
    found = [Column(quality.metric, side)]
    return [*found, Column(quality.report.count(judged.name), side)] if judged else found
