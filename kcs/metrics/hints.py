"""What stands in the way of a report's figures, and where it is put right."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from kcs.metrics.model import Scope
from kcs.metrics.services import Table


@runtime_checkable
class Hinting(Protocol):
    """A reader that can say why a figure is not there."""

    def hints(self, scope: Scope) -> tuple[tuple[str, str], ...]:
        """Return sentences, each with the page on which it is put right; for whoever may see the report."""


def hints_of(table: Table) -> tuple[tuple[str, str], ...]:
    """Return what the reader of a report has to say about a table."""
    reader = table.report.reader
    return reader.hints(table.scope) if isinstance(reader, Hinting) else ()
