"""What stands in the way of a report's figures, and where it is put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from flask import current_app

from kcs.config import Settings
from kcs.metrics.model import Number, Report, Scope
from kcs.metrics.services import Table


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
    """Return what the reader of a report has to say about the total of a table."""
    return hints_for(table.report, table.scope, table.total.figures)


def hints_for(report: Report, scope: Scope, figures: Mapping[str, Number | None]) -> tuple[Hint, ...]:
    """Return what the reader of a report has to say about some of its figures."""
    if not isinstance(report.reader, Hinting):
        return ()
    return report.reader.hints(scope, figures, current_app.config["KCS"])
