"""Behind exempt tickets: why no article was needed, as of the moment of the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.counting import Counted
from kcs.metrics.labels import EXEMPTION_REASONS
from kcs.metrics.model import ItemPage, Scope
from kcs.sentences import Sentence

EXEMPTION = "ticket.exempt"
COUNT = "exempt"
COLUMN = ("reason", Sentence("Why no article"))


@dataclass(frozen=True)
class WithReasons(Counted):
    """Reads as `Counted`; what stands behind the exempt tickets has a column for the reason."""

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of what a count counts, latest first."""
        page = super().items(scope, count, limit=limit, offset=offset)
        return _with_reasons(page, scope) if count == COUNT else page

    def every(self, scope: Scope, count: str, *, block: int) -> Iterator[ItemPage]:
        """Yield all that a count counts in pages, at least one."""
        for page in super().every(scope, count, block=block):
            yield _with_reasons(page, scope) if count == COUNT else page


def _with_reasons(page: ItemPage, scope: Scope) -> ItemPage:
    """Look reasons up for a page at a time: sorting by them would read those of every ticket."""
    name, reasons = COLUMN[0], _reasons([item.cells["id"] for item in page.items], scope)
    items = (
        replace(item, cells={**item.cells, name: EXEMPTION_REASONS.get(reasons.get(item.cells["id"], ""))})
        for item in page.items
    )
    *columns, when = page.columns
    return replace(page, columns=(*columns, COLUMN, when), items=tuple(items))


def _reasons(tickets: Sequence[object], scope: Scope) -> dict[object, str]:
    """Return the reason given last for each ticket, as the log told it before the moment."""
    latest = (
        select(func.max(Activity.id))
        .where(
            Activity.kind == EXEMPTION,
            Activity.ticket_id.in_(tickets),
            Activity.recorded_at < scope.as_of,
        )
        .group_by(Activity.ticket_id)
    )
    rows = db.session.execute(
        select(Activity.ticket_id, Activity.detail["reason"].as_string()).where(Activity.id.in_(latest))
    )
    return {ticket: reason for ticket, reason in rows if reason}
