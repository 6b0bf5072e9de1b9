"""Reports a manager can trust: what they count, and the samples that quality figures rest on."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_SQL = Path(__file__).with_name("0007_report_views.sql").read_text(encoding="utf-8")
VIEWS = re.findall(r"^CREATE VIEW .*?(?=;$)", _SQL, re.M | re.S)
# Numbers of days count from 1 January of the year 1; a moment lies in the last day that began before it.
DAY_OF = (
    r"day_of\(([\w.]+)\)",
    r"(SELECT date_of(n.day) FROM report_days n WHERE n.starts_at <= \1 ORDER BY n.starts_at DESC LIMIT 1)",
)
DATE_OF, UTC, FOREVER = r"date_of\(([\w.]+)\)", r"\butc\(([\w.]+)\)", r"forever\(\)"
MEANINGS = {
    "postgresql": (
        DAY_OF,
        (DATE_OF, r"(DATE '0001-01-01' + (\1 - 1))"),
        (UTC, r"(\1 AT TIME ZONE 'UTC')"),
        (FOREVER, "TIMESTAMPTZ '9999-01-01 00:00:00+00'"),
    ),
    "sqlite": (
        DAY_OF,
        (DATE_OF, r"date('0001-01-01', (\1 - 1) || ' days')"),
        (UTC, r"\1"),
        (FOREVER, "'9999-01-01'"),
    ),
}
EMPTY_LIST = sa.text("'[]'")
FLAGS = (
    *("inferred", "reused", "created", "modified", "known", "new", "reopened"),
    *("contacted", "one_contact", "rated", "satisfied"),
)


def upgrade() -> None:
    """Add what is new."""
    _add_samples()
    _add_self_service()
    _add_measures()
    _add_managers()
    _add_facts()
    _add_article_facts()
    _add_leaving()
    _add_departments()
    _add_patterns()
    _add_writing_requests()


def downgrade() -> None:
    """Take it away again."""
    _drop_writing_requests()
    _drop_patterns()
    _drop_departments()
    _drop_leaving()
    _drop_article_facts()
    _drop_facts()
    _drop_managers()
    _drop_measures()
    _drop_self_service()
    _drop_samples()


def _add_samples() -> None:
    op.create_table(
        "samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["agents.id"]),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"]),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"]),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("version_id", "coach_id"),
        sa.UniqueConstraint("ticket_id", "coach_id"),
        sa.UniqueConstraint("link_id", "coach_id"),
    )
    op.create_index("ix_samples_agent", "samples", ["agent_id", "judged_at"])
    op.create_table(
        "sample_questions",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code"),
    )


def _drop_samples() -> None:
    op.drop_table("sample_questions")
    op.drop_table("samples")


def _add_self_service() -> None:
    op.create_table(
        "help_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("searches", "null_searches", "views", "opened", "helpful", "unhelpful")
        ),
        sa.Column("escalated", sa.Integer(), nullable=True),
        sa.Column("ended", sa.String(length=40), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_help_visits_began_at", "help_visits", ["began_at"])
    op.create_table(
        "article_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("article_id", "day", "reader"),
    )
    op.create_index("ix_article_views_day", "article_views", ["day"])
    op.create_table(
        "search_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("searches", "nulls", "abandoned", "clicked", "rank_sum", "linked", "asked")
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("day", "place"),
    )
    op.add_column("search_log", sa.Column("gist", sa.Text(), nullable=True))
    op.add_column("search_log", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))


def _drop_self_service() -> None:
    with op.batch_alter_table("search_log") as batch_op:
        batch_op.drop_column("asked_at")
        batch_op.drop_column("gist")
    op.drop_table("search_days")
    op.drop_table("article_views")
    op.drop_table("help_visits")


def _add_measures() -> None:
    op.create_table(
        "report_labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "name"),
    )
    op.create_table(
        "measuring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reached_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("tickets", sa.Column("measured", JSON, nullable=True))
    op.add_column("connections", sa.Column("product_field", sa.Text(), nullable=False, server_default=""))
    op.add_column("domains", sa.Column("claims", JSON, nullable=False, server_default=EMPTY_LIST))


def _drop_measures() -> None:
    for table, column in (("domains", "claims"), ("connections", "product_field"), ("tickets", "measured")):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(column)
    op.drop_table("measuring")
    op.drop_table("report_labels")


# Mails of reports, the figures a return is worked out with, and what reporting tools read


def _add_managers() -> None:
    op.create_table(
        "team_managers",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"]),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"]),
        sa.PrimaryKeyConstraint("team_id", "agent_id"),
    )
    op.create_index("ix_team_managers_agent_id", "team_managers", ["agent_id"])


def _drop_managers() -> None:
    op.drop_table("team_managers")


def _add_facts() -> None:
    op.create_index("ix_activity_recorded_at", "activity", ["recorded_at"])
    op.create_table(
        "solved_facts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("domain_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in FLAGS),
        sa.Column("relief", sa.Integer(), nullable=True),
        sa.Column("first_reply", sa.Integer(), nullable=True),
        sa.Column("worked", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_solved_facts_agent", "solved_facts", ["agent_id", "solved_at"])
    op.create_index("ix_solved_facts_solved_at", "solved_facts", ["solved_at"])
    op.create_index("ix_solved_facts_ticket", "solved_facts", ["ticket_id"])
    op.create_table(
        "solved_tags",
        sa.Column("fact_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fact_id"], ["solved_facts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("fact_id", "tag_id"),
    )
    op.create_table(
        "daily_solved",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("solved", "linked", "exempt", *FLAGS)),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "day", "agent_id", "team_id", "connection_id", "licence", "domain_id", "product_id"
        ),
    )
    op.create_table(
        "daily_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("linked", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("modified", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("day", "agent_id", "team_id"),
    )
    op.create_table(
        "facts_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _add_article_facts() -> None:
    known = ("known_from", "known_to")
    op.create_table(
        "link_facts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in known),
        sa.Column("made_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("agent_id", "team_id", "connection_id")),
        sa.Column("authority", sa.Text(), nullable=False),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in ("resolution", "drafted", "reused")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_link_facts_article", "link_facts", ["article_id", "happened_at"])
    op.create_index("ix_link_facts_happened_at", "link_facts", ["happened_at"])
    op.create_index("ix_link_facts_ticket", "link_facts", ["ticket_id"])
    op.create_table(
        "article_births",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("agent_id", "team_id", "ticket_id")),
        sa.PrimaryKeyConstraint("article_id"),
    )
    op.create_table(
        "article_writers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in known),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("written_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_article_writers_article", "article_writers", ["article_id"])
    op.create_table(
        "article_spells",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in known),
        sa.Column("state", sa.Text(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("since", "until")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_article_spells_article", "article_spells", ["article_id"])
    op.create_index("ix_article_spells_until", "article_spells", ["until"])


def _drop_article_facts() -> None:
    for table in ("article_spells", "article_writers", "article_births", "link_facts"):
        op.drop_table(table)


def _drop_facts() -> None:
    for table in ("facts_state", "daily_acts", "daily_solved", "solved_tags", "solved_facts"):
        op.drop_table(table)
    op.drop_index("ix_activity_recorded_at", "activity")


def _add_leaving() -> None:
    op.create_table(
        "report_subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("filters", JSON, nullable=False),
        sa.Column("every", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_report_subscriptions_agent_id", "report_subscriptions", ["agent_id"])
    op.create_table(
        "report_digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["subscription_id"], ["report_subscriptions.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subscription_id", "period"),
    )
    op.create_table(
        "report_inputs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("likely", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["set_by_id"], ["agents.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_report_inputs_name", "report_inputs", ["name", "recorded_at"])
    op.create_table(
        "report_days",
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_index("ix_report_days_starts_at", "report_days", ["starts_at"])
    for view in VIEWS:
        op.execute(_written_out(view))


def _drop_leaving() -> None:
    for view in reversed(VIEWS):
        op.execute(f"DROP VIEW {view.split()[2]}")
    for table in ("report_days", "report_inputs", "report_digests", "report_subscriptions"):
        op.drop_table(table)


def _written_out(view: str) -> str:
    for call, meaning in MEANINGS[op.get_bind().dialect.name]:
        view = re.sub(call, meaning, view)
    return view


def _add_departments() -> None:
    op.create_table(
        "departments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )


def _drop_departments() -> None:
    op.drop_table("departments")


def _add_patterns() -> None:
    op.create_table(
        "patterns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_patterns_kind", "patterns", ["kind", "tickets"])
    op.create_table(
        "pattern_looks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _drop_patterns() -> None:
    op.drop_table("pattern_looks")
    op.drop_table("patterns")


def _add_writing_requests() -> None:
    op.create_table(
        "writing_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"]),
        sa.ForeignKeyConstraint(["asked_by_id"], ["agents.id"]),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_writing_requests_agent", "writing_requests", ["agent_id", "settled_at"])


def _drop_writing_requests() -> None:
    op.drop_table("writing_requests")
