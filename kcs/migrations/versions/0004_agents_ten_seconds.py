"""The agent's ten seconds: what was passed over, closing policies, questions to experts, own settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new."""
    _add_panel()
    _add_closing()
    _add_own_settings()
    _add_questions()


def downgrade() -> None:
    """Take it away again."""
    _drop_questions()
    _drop_panel()
    _drop_closing()
    _drop_own_settings()


def _add_panel() -> None:
    op.create_table(
        "passed_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_passed_over_agent_id"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_passed_over_article_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_passed_over_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_passed_over"),
        sa.UniqueConstraint("ticket_id", "article_id", name="uq_passed_over_ticket_id_article_id"),
    )
    op.create_index("ix_passed_over_article_id", "passed_over", ["article_id"])
    with op.batch_alter_table("search_log") as batch_op:
        batch_op.add_column(sa.Column("ticket_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("linked_key", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("linked_rank", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key("fk_search_log_ticket_id", "tickets", ["ticket_id"], ["id"])
        batch_op.create_index("ix_search_log_ticket_id", ["ticket_id"])


def _drop_panel() -> None:
    # Rows of a kind that was not known before would not be read again.
    op.execute("DELETE FROM search_log WHERE place = 'suggested'")
    with op.batch_alter_table("search_log") as batch_op:
        batch_op.drop_index("ix_search_log_ticket_id")
        batch_op.drop_constraint("fk_search_log_ticket_id", type_="foreignkey")
        for name in ("linked_at", "linked_rank", "linked_key", "ticket_id"):
            batch_op.drop_column(name)
    op.drop_table("passed_over")


def _add_own_settings() -> None:
    with op.batch_alter_table("agents") as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("theme", sa.String(), nullable=True))


def _drop_own_settings() -> None:
    with op.batch_alter_table("agents") as batch_op:
        batch_op.drop_column("theme")
        batch_op.drop_column("language")


def _add_closing() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.add_column(
        "connections", sa.Column("closing", sa.String(length=40), nullable=False, server_default="remind")
    )
    op.add_column("links", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "prepared_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("parts", json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_prepared_drafts_agent_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_prepared_drafts_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_prepared_drafts"),
        sa.UniqueConstraint("ticket_id", name="uq_prepared_drafts_ticket_id"),
    )
    op.create_index("ix_prepared_drafts_agent_id", "prepared_drafts", ["agent_id"])


def _drop_closing() -> None:
    op.drop_table("prepared_drafts")
    op.drop_column("links", "confirmed_at")
    op.drop_column("connections", "closing")


def _add_questions() -> None:
    op.create_table(
        "outside_experts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outside_experts"),
        sa.UniqueConstraint("email", name="uq_outside_experts_email"),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("may_show", sa.String(length=40), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("drafted_by_id", sa.Integer(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_questions_article_id"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["agents.id"], name="fk_questions_asked_by_id"),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["agents.id"], name="fk_questions_drafted_by_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_questions_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
    )
    op.create_index("ix_questions_article_id", "questions", ["article_id"])
    op.create_index("ix_questions_asked_by_id", "questions", ["asked_by_id"])
    op.create_index("ix_questions_state", "questions", ["state", "created_at"])
    op.create_index("ix_questions_ticket_id", "questions", ["ticket_id"])
    op.create_table(
        "question_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("outside_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_question_turns_agent_id"),
        sa.ForeignKeyConstraint(["outside_id"], ["outside_experts.id"], name="fk_question_turns_outside_id"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name="fk_question_turns_question_id"),
        sa.PrimaryKeyConstraint("id", name="pk_question_turns"),
        sa.UniqueConstraint("token_hash", name="uq_question_turns_token_hash"),
    )
    op.create_index("ix_question_turns_agent", "question_turns", ["agent_id", "ended_at"])
    op.create_index("ix_question_turns_due", "question_turns", ["ended_at", "expires_at"])
    op.create_index("ix_question_turns_outside_id", "question_turns", ["outside_id"])
    op.create_index("ix_question_turns_question_id", "question_turns", ["question_id"])


def _drop_questions() -> None:
    for table in ("question_turns", "questions", "outside_experts"):
        op.drop_table(table)
