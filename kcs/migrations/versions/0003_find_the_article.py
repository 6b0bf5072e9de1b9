"""Finding the article: searches and what was chosen, words of the same meaning, best bets, vectors, twins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_embeddings()
    _add_typed_search()
    _add_weights()
    _add_duplicates()


def downgrade() -> None:
    _drop_duplicates()
    _drop_embeddings()
    _drop_typed_search()
    op.drop_table("search_weights")


def _add_typed_search() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.create_table(
        "search_meanings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("terms", json, nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["agents.id"], name="fk_search_meanings_changed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_search_meanings"),
    )
    op.create_table(
        "search_best_bets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terms", json, nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("chosen_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_search_best_bets_article_id"),
        sa.ForeignKeyConstraint(["chosen_by_id"], ["agents.id"], name="fk_search_best_bets_chosen_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_search_best_bets"),
    )
    op.create_index("ix_search_best_bets_article_id", "search_best_bets", ["article_id"])
    op.create_table(
        "search_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("results", sa.Integer(), nullable=False),
        sa.Column("shown", json, nullable=False),
        sa.Column("opened_key", sa.Text(), nullable=True),
        sa.Column("opened_rank", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_search_log_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_search_log"),
        sa.UniqueConstraint("nonce", name="uq_search_log_nonce"),
    )
    op.create_index("ix_search_log_agent_id", "search_log", ["agent_id"])
    op.create_index("ix_search_log_searched_at", "search_log", ["searched_at"])
    op.create_table(
        "search_judgements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_search_judgements_agent_id"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_search_judgements_article_id"),
        sa.PrimaryKeyConstraint("id", name="pk_search_judgements"),
    )


def _drop_typed_search() -> None:
    for table in ("search_judgements", "search_log", "search_best_bets", "search_meanings"):
        op.drop_table(table)


def _add_embeddings() -> None:
    op.create_table(
        "embedded_articles",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_embedded_articles_article_id"),
        sa.PrimaryKeyConstraint("article_id", name="pk_embedded_articles"),
        sa.UniqueConstraint("change", name="uq_embedded_articles_change"),
    )
    op.create_table(
        "embeddings",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_embeddings_article_id"),
        sa.PrimaryKeyConstraint("article_id", "view", "number", name="pk_embeddings"),
    )
    op.create_table(
        "embedding_runs",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("walked", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plan", name="pk_embedding_runs"),
    )


def _drop_embeddings() -> None:
    for table in ("embedding_runs", "embeddings", "embedded_articles"):
        op.drop_table(table)


def _add_weights() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.create_table(
        "search_weights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("values", json, nullable=False),
        sa.Column("gain", sa.Float(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("learnt_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_weights"),
    )


def _add_duplicates() -> None:
    op.create_table(
        "duplicate_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("first_version_id", sa.Integer(), nullable=False),
        sa.Column("second_version_id", sa.Integer(), nullable=False),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["first_id"], ["articles.id"], name="fk_duplicate_pairs_first_id"),
        sa.ForeignKeyConstraint(["second_id"], ["articles.id"], name="fk_duplicate_pairs_second_id"),
        sa.ForeignKeyConstraint(
            ["first_version_id"], ["versions.id"], name="fk_duplicate_pairs_first_version_id"
        ),
        sa.ForeignKeyConstraint(
            ["second_version_id"], ["versions.id"], name="fk_duplicate_pairs_second_version_id"
        ),
        sa.ForeignKeyConstraint(["settled_by_id"], ["agents.id"], name="fk_duplicate_pairs_settled_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_pairs"),
        sa.UniqueConstraint("first_id", "second_id", name="uq_duplicate_pairs_first_id_second_id"),
    )
    op.create_index("ix_duplicate_pairs_queue", "duplicate_pairs", ["state", "likeness"])
    op.create_index("ix_duplicate_pairs_second_id", "duplicate_pairs", ["second_id"])
    op.create_table(
        "duplicate_searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_searches"),
    )


def _drop_duplicates() -> None:
    for table in ("duplicate_searches", "duplicate_pairs"):
        op.drop_table(table)
