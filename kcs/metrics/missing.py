"""Why figures are missing, cell by cell: what pages say of the whole, for files, mails and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from kcs.metrics.hints import Hint, hints_for
from kcs.metrics.model import Key, Report, Row, Scope
from kcs.metrics.services import Table
from kcs.sentences import Sentence

NOTHING_COUNTED = Hint(
    "nothing_counted", Sentence("Nothing was counted that the figure could be worked out of.")
)
# What is said instead of figures that only some may see: the same whether or not there are any.
NOTHING_FOR_READER = "nothing_counted_for_reader"

# By figure, why it is missing.
Why = Mapping[str, tuple[Hint, ...]]
_Lacking = tuple[datetime, frozenset[str]]


@dataclass(frozen=True)
class Missing:
    """What is missing in a table and beside it; reasons depend on the moment and on what else is missing."""

    table: Table
    found: Mapping[_Lacking, Why]

    def of(self, row: Row) -> Why:
        """Return why figures of a row, or of the total, are missing."""
        return self.found[_lacking(self.table.report, row, self.table.scope)]

    def beside(self, key: Key) -> Why:
        """Return why figures beside a row are missing; of a row with nothing beside it all are."""
        report, scope = self.table.report, self.table.compared_scope
        row = (self.table.compared or {}).get(key)
        if row is None or scope is None:
            return dict.fromkeys(_names(report), (_nothing(report, self.table.scope),))
        return self.found[_lacking(report, row, scope)]

    @property
    def reasons(self) -> tuple[Hint, ...]:
        """All reasons there are, each once."""
        each = (hint for why in self.found.values() for hints in why.values() for hint in hints)
        return tuple({hint.code: hint for hint in each}.values())


def missing_of(table: Table) -> Missing:
    """Return why figures of a table are missing."""
    found: dict[_Lacking, Why] = {}
    for row, scope in _rows(table):
        if (lacking := _lacking(table.report, row, scope)) not in found:
            found[lacking] = _why(table.report, row, scope, lacking[1])
    return Missing(table, found)


def _rows(table: Table) -> Iterator[tuple[Row, Scope]]:
    for row in (*table.rows, table.total):
        yield row, table.scope
    if table.compared is not None and table.compared_scope is not None:
        for row in table.compared.values():
            yield row, table.compared_scope


def _lacking(report: Report, row: Row, scope: Scope) -> _Lacking:
    return scope.as_of, frozenset(name for name in _names(report) if row.figures.get(name) is None)


def _names(report: Report) -> list[str]:
    return [count.name for count in report.counts] + [metric.name for metric in report.metrics]


def _why(report: Report, row: Row, scope: Scope, names: frozenset[str]) -> Why:
    hints = hints_for(report, scope, row.figures) if names else ()
    told = {name: tuple(hint for hint in hints if name in hint.figures) for name in sorted(names)}
    return {name: some or (_nothing(report, scope),) for name, some in told.items()}


def _nothing(report: Report, scope: Scope) -> Hint:
    """Return why a figure is missing that nothing more is known of; a command is kept from nothing."""
    if report.kept_for is None or scope.reach.reader_id is None:
        return NOTHING_COUNTED
    return Hint(NOTHING_FOR_READER, report.kept_for)
