"""What stands in the way of a report's figures, and where it is put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from flask import current_app

from kcs.config import Settings
from kcs.metrics.model import Number, Scope
from kcs.metrics.services import Table


@dataclass(frozen=True)
class Hint:
    """A sentence with the page it leads to, "" for none; `missing` says that a figure is not there for it."""

    words: str
    url: str = ""
    missing: bool = True


@runtime_checkable
class Hinting(Protocol):
    """A reader that can say why a figure is not there."""

    def hints(self, scope: Scope, total: Mapping[str, Number | None], settings: Settings) -> tuple[Hint, ...]:
        """Return what there is to say of a report and its total; for whoever may see the report."""


def hints_of(table: Table) -> tuple[Hint, ...]:
    """Return what the reader of a report has to say about a table."""
    reader, settings = table.report.reader, current_app.config["KCS"]
    if not isinstance(reader, Hinting):
        return ()
    return reader.hints(table.scope, table.total.figures, settings)
