"""SQLite plans what it reads of the log by how common its values are in a long log.

Without statistics it takes every index for as good as the others, and reads all rows of a kind to find those
of some tickets. Figures of `ANALYZE` over ten million rows stand here, so that plans are the same on the
first day and in the tenth year (https://www.sqlite.org/lang_analyze.html, fixed results). PostgreSQL keeps
its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Rows of the log, rows of one value of the first column, rows of one value of both.
STATISTICS = {
    "ix_activity_recorded_at": "10000000 3",
    "ix_activity_ticket": "10000000 4 1",
    "ix_activity_kind": "10000000 1000000 1",
    "ix_activity_article": "10000000 40 1",
}


def upgrade() -> None:
    """Write them down; those of an `ANALYZE` of their own make room."""
    if _is_sqlite():
        op.execute("ANALYZE sqlite_schema")  # makes the table that they are written to
        _take_away()
        table = sa.table("sqlite_stat1", *(sa.column(name, sa.Text) for name in ("tbl", "idx", "stat")))
        rows = [{"tbl": "activity", "idx": index, "stat": stat} for index, stat in STATISTICS.items()]
        op.bulk_insert(table, rows)
        _look_again()


def downgrade() -> None:
    """Take them away again."""
    if _is_sqlite():
        _take_away()
        _look_again()


def _take_away() -> None:
    op.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'activity'")


def _look_again() -> None:
    """Let this connection plan by them too: whoever migrates may go on with it."""
    op.execute("ANALYZE sqlite_schema")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
