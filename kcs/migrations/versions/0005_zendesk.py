"""Zendesk, completely: authorisation, write-back and the app of a connection; translations of articles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
EMPTY_LIST = sa.text("'[]'")


def upgrade() -> None:
    """Add what is new."""
    _add_to_connections()
    _add_translations()
    _add_missing_keys()


def downgrade() -> None:
    """Take it away again."""
    _drop_missing_keys()
    _drop_translations()
    _drop_from_connections()


def _add_to_connections() -> None:
    with op.batch_alter_table("connections") as batch_op:
        batch_op.add_column(sa.Column("client_id", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("client_secret", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("refresh_token", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("scopes", JSON, nullable=False, server_default=EMPTY_LIST))
        batch_op.add_column(sa.Column("webhook_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("app_installation", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("app_key", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("writes", JSON, nullable=False, server_default=EMPTY_LIST))
        batch_op.add_column(sa.Column("state_field", sa.Text(), nullable=False, server_default=""))


def _drop_from_connections() -> None:
    with op.batch_alter_table("connections") as batch_op:
        for name in (
            "client_id",
            "client_secret",
            "refresh_token",
            "token_expires_at",
            "scopes",
            "webhook_id",
            "app_installation",
            "app_key",
            "writes",
            "state_field",
        ):
            batch_op.drop_column(name)


def _add_translations() -> None:
    with op.batch_alter_table("articles") as batch_op:
        batch_op.add_column(sa.Column("translation_of_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            "fk_articles_translation_of_id", "articles", ["translation_of_id"], ["id"]
        )
        batch_op.create_index("ix_articles_translation_of_id", ["translation_of_id"])


def _drop_translations() -> None:
    with op.batch_alter_table("articles") as batch_op:
        batch_op.drop_index("ix_articles_translation_of_id")
        batch_op.drop_constraint("fk_articles_translation_of_id", type_="foreignkey")
        batch_op.drop_column("translation_of_id")


VERSION_KEYS = {
    "fk_articles_current_version_id": "current_version_id",
    "fk_articles_live_version_id": "live_version_id",
}


def _add_missing_keys() -> None:
    """PostgreSQL was never given the two keys of a circle that SQLite has from the start."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, column in VERSION_KEYS.items():
        op.create_foreign_key(name, "articles", "versions", [column], ["id"])


def _drop_missing_keys() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in VERSION_KEYS:
        op.drop_constraint(name, "articles", type_="foreignkey")
