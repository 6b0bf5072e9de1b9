"""Freshdesk, completely: what a desk without a history tells, and where articles moved to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
EMPTY_LIST = sa.text("'[]'")


def upgrade() -> None:
    """Add what is new."""
    _add_hearing()
    _add_own_sign_in()
    _add_status_marks()
    _add_moved_articles()


def downgrade() -> None:
    """Take it away again."""
    _drop_moved_articles()
    _drop_status_marks()
    _drop_own_sign_in()
    _drop_hearing()


def _add_own_sign_in() -> None:
    op.add_column("connections", sa.Column("app_hosts", JSON, nullable=False, server_default=EMPTY_LIST))
    with op.batch_alter_table("sign_ins") as batch_op:
        batch_op.add_column(sa.Column("opened_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            "fk_sign_ins_opened_by_id", "sign_ins", ["opened_by_id"], ["id"], ondelete="CASCADE"
        )


def _drop_own_sign_in() -> None:
    with op.batch_alter_table("sign_ins") as batch_op:
        batch_op.drop_column("opened_by_id")
    with op.batch_alter_table("connections") as batch_op:
        batch_op.drop_column("app_hosts")


def _add_hearing() -> None:
    with op.batch_alter_table("connection_health") as batch_op:
        batch_op.add_column(sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("heard_kind", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("former_heard_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))


def _drop_hearing() -> None:
    with op.batch_alter_table("connection_health") as batch_op:
        for name in ("heard_at", "heard_kind", "former_heard_at", "refused_at"):
            batch_op.drop_column(name)


def _add_status_marks() -> None:
    op.create_table(
        "status_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("remote_ticket_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard", sa.Boolean(), nullable=False),
        sa.Column("exact", sa.Boolean(), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("author_kind", sa.String(length=40), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("author_email", sa.Text(), nullable=True),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection_id", "remote_ticket_id", "at", "heard", "after", "author_id"),
    )
    op.add_column(
        "tickets", sa.Column("solver_inferred", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def _drop_status_marks() -> None:
    with op.batch_alter_table("tickets") as batch_op:
        batch_op.drop_column("solver_inferred")
    op.drop_table("status_marks")


def _add_moved_articles() -> None:
    op.create_table(
        "moved_articles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"]),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("target_id", "article_id", "remote_id"),
    )
    op.create_index("ix_moved_articles_remote", "moved_articles", ["remote_id"])
    op.create_index("ix_moved_articles_article_id", "moved_articles", ["article_id"])


def _drop_moved_articles() -> None:
    op.drop_table("moved_articles")
