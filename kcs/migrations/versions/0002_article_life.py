"""The life of articles: templates, domains, rights, reviews, feedback, images, planned moves, waivers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# table, column, the table it refers to
REFERENCES = (
    ("articles", "domain_id", "domains"),
    ("articles", "last_checked_by_id", "agents"),
    ("articles", "merged_into_id", "articles"),
    ("flags", "assigned_to_id", "agents"),
    ("flags", "closed_by_id", "agents"),
    ("versions", "base_id", "versions"),
)


def upgrade() -> None:
    op.create_table(
        "chores",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )
    op.create_table(
        "domains",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column(
            "tags",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("check_days", sa.Integer(), nullable=True),
        sa.Column("expiry", sa.String(length=40), nullable=False),
        sa.Column("flag_days", sa.Integer(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("validate_after", sa.Integer(), nullable=True),
        sa.Column("publish_after", sa.Integer(), nullable=True),
        sa.Column("others_validate", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domains")),
        sa.UniqueConstraint("key", name=op.f("uq_domains_key")),
    )
    op.create_table(
        "templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("governance", sa.String(length=40), nullable=False),
        sa.Column(
            "fields",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
        sa.UniqueConstraint("key", name=op.f("uq_templates_key")),
    )
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_digests_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("agent_id", "week", name=op.f("uq_digests_agent_id_week")),
    )
    op.create_table(
        "domain_experts",
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_domain_experts_agent_id")),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], name=op.f("fk_domain_experts_domain_id")),
        sa.PrimaryKeyConstraint("domain_id", "agent_id", name=op.f("pk_domain_experts")),
    )
    op.create_table(
        "images",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_images_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
        sa.UniqueConstraint("name", name=op.f("uq_images_name")),
    )
    op.create_table(
        "rights",
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["agents.id"], name=op.f("fk_rights_changed_by_id")),
        sa.PrimaryKeyConstraint("right", "holder", name=op.f("pk_rights")),
    )
    op.create_table(
        "unsaved_texts",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "parts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column(
            "details",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_unsaved_texts_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "subject", name=op.f("pk_unsaved_texts")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_subscriptions_agent_id")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_subscriptions_article_id")),
        sa.PrimaryKeyConstraint("article_id", "agent_id", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "waivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value_hash", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_waivers_agent_id")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_waivers_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
        sa.UniqueConstraint(
            "article_id", "kind", "value_hash", name=op.f("uq_waivers_article_id_kind_value_hash")
        ),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("helpful", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_feedback_agent_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["agents.id"], name=op.f("fk_feedback_answered_by_id")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_feedback_article_id")),
        sa.ForeignKeyConstraint(["assigned_to_id"], ["agents.id"], name=op.f("fk_feedback_assigned_to_id")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_feedback_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feedback_token_hash")),
    )
    op.create_index(op.f("ix_feedback_article_id"), "feedback", ["article_id"], unique=False)
    op.create_index("ix_feedback_queue", "feedback", ["state", "created_at"], unique=False)
    op.create_table(
        "image_uses",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_image_uses_image_id")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_image_uses_version_id")),
        sa.PrimaryKeyConstraint("image_id", "version_id", name=op.f("pk_image_uses")),
    )
    op.create_table(
        "planned_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("move", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_planned_moves_agent_id")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_planned_moves_article_id")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_planned_moves_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_moves")),
    )
    op.create_index(op.f("ix_planned_moves_article_id"), "planned_moves", ["article_id"], unique=False)
    op.create_table(
        "review_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("asks", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_review_requests_article_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["agents.id"], name=op.f("fk_review_requests_asked_by_id")),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"], ["agents.id"], name=op.f("fk_review_requests_assigned_to_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["agents.id"], name=op.f("fk_review_requests_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_review_requests_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_requests")),
    )
    op.create_index(op.f("ix_review_requests_article_id"), "review_requests", ["article_id"], unique=False)
    op.create_index(op.f("ix_review_requests_asked_by_id"), "review_requests", ["asked_by_id"], unique=False)
    op.create_index(
        "ix_review_requests_queue", "review_requests", ["state", "assigned_to_id", "due_at"], unique=False
    )
    op.create_table(
        "review_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_review_comments_agent_id")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review_requests.id"], name=op.f("fk_review_comments_review_id")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_review_comments_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comments")),
    )
    op.create_index(op.f("ix_review_comments_review_id"), "review_comments", ["review_id"], unique=False)
    # In SQL of both databases: a table made anew for a column would lose its append-only triggers.
    for table, column, target in REFERENCES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
            f"CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
        )
    op.add_column("articles", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("articles", sa.Column("earlier_reuse", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("flags", sa.Column("level", sa.String(length=40), nullable=False, server_default="owner"))
    op.add_column("flags", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("flags", sa.Column("outcome", sa.String(length=40), nullable=True))
    op.add_column("flags", sa.Column("answer", sa.Text(), nullable=False, server_default=""))
    op.add_column("versions", sa.Column("template", sa.Text(), nullable=True))
    op.add_column("versions", sa.Column("significance", sa.String(length=40), nullable=True))
    op.create_index("ix_articles_domain_id", "articles", ["domain_id"])
    op.create_index("ix_articles_merged_into_id", "articles", ["merged_into_id"])
    op.create_index("ix_flags_open", "flags", ["closed_at", "assigned_to_id"])
