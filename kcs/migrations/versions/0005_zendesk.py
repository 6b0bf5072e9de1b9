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
    _add_pins()
    _add_calls()
    _add_embedding()
    _add_translations()
    _add_missing_keys()
    _add_adoptions()
    _add_syncing()
    _add_publishing()


def downgrade() -> None:
    """Take it away again."""
    _drop_publishing()
    _drop_adoptions()
    _drop_syncing()
    _drop_missing_keys()
    _drop_translations()
    _drop_embedding()
    _drop_calls()
    _drop_pins()
    _drop_from_connections()


def _add_to_connections() -> None:
    with op.batch_alter_table("connections") as batch_op:
        batch_op.add_column(sa.Column("client_id", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("client_secret", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("refresh_token", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("renewing_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("scopes", JSON, nullable=False, server_default=EMPTY_LIST))
        batch_op.add_column(sa.Column("webhook_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("app_installation", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("app_key", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("writes", JSON, nullable=False, server_default=EMPTY_LIST))
        batch_op.add_column(sa.Column("state_field", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("tag_prefix", sa.Text(), nullable=False, server_default="kcs_"))
        batch_op.add_column(sa.Column("no_pins_until", sa.DateTime(timezone=True), nullable=True))


def _drop_from_connections() -> None:
    with op.batch_alter_table("connections") as batch_op:
        for name in (
            "client_id",
            "client_secret",
            "refresh_token",
            "token_expires_at",
            "renewing_until",
            "scopes",
            "webhook_id",
            "app_installation",
            "app_key",
            "writes",
            "state_field",
            "tag_prefix",
            "no_pins_until",
        ):
            batch_op.drop_column(name)


def _add_calls() -> None:
    op.create_table(
        "call_windows",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slots", JSON, nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_call_windows_connection_id"),
        sa.PrimaryKeyConstraint("connection_id", "name", name="pk_call_windows"),
    )
    op.create_index("ix_call_windows_touched_at", "call_windows", ["touched_at"])
    op.create_table(
        "connection_health",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("warnings", JSON, nullable=False),
        sa.Column("checks", JSON, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_connection_health_connection_id"
        ),
        sa.PrimaryKeyConstraint("connection_id", name="pk_connection_health"),
    )
    op.create_table(
        "authorisation_requests",
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_authorisation_requests_agent_id"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_authorisation_requests_connection_id"
        ),
        sa.PrimaryKeyConstraint("state_hash", name="pk_authorisation_requests"),
    )


def _drop_calls() -> None:
    for name in ("authorisation_requests", "connection_health", "call_windows"):
        op.drop_table(name)


def _add_translations() -> None:
    _add_reference("articles", "translation_of_id", "articles")
    op.add_column("articles", sa.Column("earlier_helpful", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "articles", sa.Column("earlier_unhelpful", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_index("ix_articles_translation_of_id", "articles", ["translation_of_id"])


def _add_reference(table: str, column: str, target: str) -> None:
    """Add a column that refers to another table in one statement: SQLite need not write the table anew."""
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
        f"CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
    )


def _drop_translations() -> None:
    with op.batch_alter_table("articles") as batch_op:
        batch_op.drop_index("ix_articles_translation_of_id")
        batch_op.drop_column("translation_of_id")
        batch_op.drop_column("earlier_helpful")
        batch_op.drop_column("earlier_unhelpful")


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


def _add_syncing() -> None:
    with op.batch_alter_table("connections") as batch_op:
        batch_op.add_column(
            sa.Column("deactivate_leavers", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    _add_to_tickets()
    _add_to_identities()
    for name in WORKLISTS:
        with op.batch_alter_table(name) as batch_op:
            batch_op.add_column(
                sa.Column("background", sa.Boolean(), nullable=False, server_default=sa.false())
            )
            batch_op.drop_index(f"ix_{name}_due")
            batch_op.create_index(f"ix_{name}_due", ["state", "background", "not_before"])
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("reached", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("in_background", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_sync_runs_connection_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sync_runs"),
    )
    op.create_index("ix_sync_runs_latest", "sync_runs", ["connection_id", "kind", "id"])
    op.create_table(
        "sync_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("remote_ticket_id", sa.Text(), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["sync_runs.id"], name="fk_sync_findings_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sync_findings"),
        sa.UniqueConstraint("run_id", "remote_ticket_id", name="uq_sync_findings_run_id_remote_ticket_id"),
    )


def _drop_syncing() -> None:
    op.drop_table("sync_findings")
    op.drop_table("sync_runs")
    for name in WORKLISTS:
        with op.batch_alter_table(name) as batch_op:
            batch_op.drop_index(f"ix_{name}_due")
            batch_op.drop_column("background")
            batch_op.create_index(f"ix_{name}_due", ["state", "not_before"])
    with op.batch_alter_table("identities") as batch_op:
        for name in ("email_verified", "active", "light", "machine", "group_names", "decision", "undo"):
            batch_op.drop_column(name)
    with op.batch_alter_table("tickets") as batch_op:
        batch_op.drop_index("ix_tickets_solver_remote_id")
        for name in ("solver_remote_id", "merged", "follows", "deleted_at", "erased_at", "read_at"):
            batch_op.drop_column(name)
    with op.batch_alter_table("connections") as batch_op:
        batch_op.drop_column("deactivate_leavers")


WORKLISTS = ("deliveries", "effects")


def _add_to_tickets() -> None:
    with op.batch_alter_table("tickets") as batch_op:
        batch_op.add_column(sa.Column("solver_remote_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("merged", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("follows", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_tickets_solver_remote_id", ["connection_id", "solver_remote_id"])


def _add_to_identities() -> None:
    with op.batch_alter_table("identities") as batch_op:
        batch_op.add_column(
            sa.Column("email_verified", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("light", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("machine", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("group_names", JSON, nullable=False, server_default=EMPTY_LIST))
        batch_op.add_column(sa.Column("decision", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("undo", JSON, nullable=False, server_default=sa.text("'{}'")))


def _add_embedding() -> None:
    with op.batch_alter_table("sign_ins") as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default="browser"))
    _add_reference("sign_ins", "connection_id", "connections")
    op.create_table(
        "app_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_app_visits_connection_id"),
        sa.PrimaryKeyConstraint("id", name="pk_app_visits"),
        sa.UniqueConstraint("token_hash", name="uq_app_visits_token_hash"),
    )
    op.create_table(
        "passed_saves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("remote_ticket_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_passed_saves_agent_id"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_passed_saves_connection_id"),
        sa.PrimaryKeyConstraint("id", name="pk_passed_saves"),
    )
    op.create_index("ix_passed_saves_latest", "passed_saves", ["connection_id", "happened_at"])


def _drop_embedding() -> None:
    op.drop_table("passed_saves")
    op.drop_table("app_visits")
    with op.batch_alter_table("sign_ins") as batch_op:
        batch_op.drop_column("connection_id")
        batch_op.drop_column("kind")


def _add_adoptions() -> None:
    op.create_table(
        "adoptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("in_background", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_adoptions_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_adoptions"),
        sa.UniqueConstraint("target_id", name="uq_adoptions_target_id"),
    )
    op.create_table(
        "adopted_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("taken", sa.String(length=40), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lost", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_adopted_texts_article_id"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_adopted_texts_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_adopted_texts"),
        sa.UniqueConstraint(
            "target_id", "remote_id", "locale", name="uq_adopted_texts_target_id_remote_id_locale"
        ),
    )
    op.create_index("ix_adopted_texts_article_id", "adopted_texts", ["article_id"])
    op.create_index("ix_adopted_texts_taken", "adopted_texts", ["target_id", "taken"])


def _drop_adoptions() -> None:
    op.drop_table("adopted_texts")
    op.drop_table("adoptions")


def _add_pins() -> None:
    op.create_table(
        "pins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_pins_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
        sa.UniqueConstraint("ticket_id", "remote_id", name=op.f("uq_pins_ticket_id_remote_id")),
    )


def _drop_pins() -> None:
    op.drop_table("pins")


EMPTY_MAP = sa.text("'{}'")


def _add_publishing() -> None:
    with op.batch_alter_table("targets") as batch_op:
        batch_op.add_column(sa.Column("locales", JSON, nullable=False, server_default=EMPTY_MAP))
        batch_op.add_column(sa.Column("offered", JSON, nullable=False, server_default=EMPTY_MAP))
        batch_op.add_column(sa.Column("archives", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("cursor", sa.Text(), nullable=True))
    with op.batch_alter_table("publications") as batch_op:
        batch_op.add_column(sa.Column("sending", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("sent", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("placed", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("stays", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_publications_remote", ["remote_id", "target_id"])
        batch_op.create_index("ix_publications_looked", ["target_id", "state", "looked_at"])
    # What the column held before told texts apart byte by byte; it says nothing about what is there.
    op.execute("UPDATE publications SET fingerprint = NULL")
    op.execute("UPDATE publications SET shown = (state = 'live')")
    op.create_table(
        "publishing_rules",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("target_id", sa.Integer(), sa.ForeignKey("targets.id"), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.UniqueConstraint(
            "target_id",
            "domain",
            "audience",
            "locale",
            name="uq_publishing_rules_target_id_domain_audience_locale",
        ),
    )
    op.create_table(
        "publication_links",
        sa.Column("publication_id", sa.Integer(), sa.ForeignKey("publications.id"), primary_key=True),
        sa.Column("article_id", sa.Integer(), sa.ForeignKey("articles.id"), primary_key=True),
        sa.Column("address", sa.Text(), nullable=False),
    )
    op.create_index("ix_publication_links_article_id", "publication_links", ["article_id"])
    op.create_table(
        "kept_images",
        sa.Column("target_id", sa.Integer(), sa.ForeignKey("targets.id"), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
    )
    op.create_table(
        "drifts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("publication_id", sa.Integer(), sa.ForeignKey("publications.id"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Integer(), sa.ForeignKey("versions.id"), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), sa.ForeignKey("agents.id"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ours_id", sa.Integer(), sa.ForeignKey("versions.id"), nullable=True),
        sa.Column("taken_id", sa.Integer(), sa.ForeignKey("versions.id"), nullable=True),
    )
    op.create_index("ix_drifts_publication_id", "drifts", ["publication_id"])
    op.create_index("ix_drifts_state", "drifts", ["state", "found_at"])


def _drop_publishing() -> None:
    for name in ("drifts", "kept_images", "publication_links", "publishing_rules"):
        op.drop_table(name)
    with op.batch_alter_table("publications") as batch_op:
        batch_op.drop_index("ix_publications_looked")
        batch_op.drop_index("ix_publications_remote")
        for name in ("sending", "sent", "placed", "shown", "stays", "looked_at"):
            batch_op.drop_column(name)
    with op.batch_alter_table("targets") as batch_op:
        for name in ("locales", "offered", "archives", "cursor"):
            batch_op.drop_column(name)
