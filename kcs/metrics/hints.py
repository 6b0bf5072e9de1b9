"""What stands in the way of a report's figures, and where it is put right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from flask import current_app

from kcs.config import Settings
from kcs.metrics.model import Number, Report, Row, Scope
from kcs.metrics.services import Table
from kcs.sentences import Sentence


@dataclass(frozen=True)
class Hint:
    """A sentence with the page it leads to, "" for none.

    `code` stays as it is, for programs; `figures` names those that are not there for it, none where it only
    leads on.
    """

    code: str
    words: str
    url: str = ""
    figures: tuple[str, ...] = ()

    @property
    def missing(self) -> bool:
        """True when a figure is not there for it."""
        return bool(self.figures)


@runtime_checkable
class Hinting(Protocol):
    """A reader that can say why a figure is not there."""

    def hints(
        self, scope: Scope, figures: Mapping[str, Number | None], settings: Settings
    ) -> tuple[Hint, ...]:
        """Return what there is to say of a row or the total; for whoever may see the report.

        It depends on which of the figures are missing, never on how great the others are.
        """


def hints_of(table: Table) -> tuple[Hint, ...]:
    """Return what the reader of a report has to say about the total of a table.

    Then why rows lack figures that the total has: it is worked out of everything at once.
    """
    of_total = hints_for(table.report, table.scope, table.total.figures)
    told = {hint.code for hint in of_total}
    lacking: dict[str, list[int]] = {}
    hints: dict[str, Hint] = {}
    for row, number in _alike(table):
        for hint in hints_for(table.report, table.scope, row.figures):
            if hint.missing and hint.code not in told:
                lacking.setdefault(hint.code, []).append(number)
                hints[hint.code] = hint
    return (*of_total, *(_of_rows(hint, sum(lacking[code]), len(table.rows)) for code, hint in hints.items()))


def _alike(table: Table) -> Iterable[tuple[Row, int]]:
    """Return for rows that lack the same figures one of them, and how many there are."""
    if not isinstance(table.report.reader, Hinting):
        return ()
    found: dict[frozenset[str], tuple[Row, int]] = {}
    for row in table.rows:
        lacking = frozenset(name for name, figure in row.figures.items() if figure is None)
        first, number = found.get(lacking, (row, 0))
        found[lacking] = (first, number + 1)
    return found.values()


def _of_rows(hint: Hint, some: int, every: int) -> Hint:
    words = Sentence(
        "%(some)s of %(all)s rows lack figures that the total has, which is worked out of the whole at once. "
        "%(reason)s",
        some=some,
        all=every,
        reason=hint.words,
    )
    return replace(hint, words=words)


def hints_for(report: Report, scope: Scope, figures: Mapping[str, Number | None]) -> tuple[Hint, ...]:
    """Return what the reader of a report has to say about some of its figures."""
    if not isinstance(report.reader, Hinting):
        return ()
    return report.reader.hints(scope, figures, current_app.config["KCS"])
