"""The logs that other features keep beside the activity log, as reports read them."""

from __future__ import annotations

from sqlalchemy import Integer, Text, column, table

from kcs.database import UtcDateTime

# Where somebody searched, as far as it makes a difference.
HELP_CENTRE, API, SUGGESTED = "help_centre", "api", "suggested"

ARTICLES = table("articles", column("id", Integer), column("domain_id", Integer))
FEEDBACK = table("feedback", column("id", Integer), column("comment", Text))
VISITS = table(
    "help_visits",
    column("began_at", UtcDateTime()),
    column("last_at", UtcDateTime()),
    column("searches", Integer),
    column("null_searches", Integer),
    column("views", Integer),
    column("opened", Integer),
    column("helpful", Integer),
    column("unhelpful", Integer),
    column("escalated", Integer),
    column("ended", Text),
    column("article_id", Integer),
)
VIEWS = table(
    "article_views",
    column("article_id", Integer),
    column("day", UtcDateTime()),
    column("reader", Text),
    column("number", Integer),
)
SEARCHES = table(
    "search_log",
    column("place", Text),
    column("agent_id", Integer),
    column("ticket_id", Integer),
    column("words", Text),
    column("gist", Text),
    column("results", Integer),
    column("searched_at", UtcDateTime()),
    column("opened_at", UtcDateTime()),
    column("opened_rank", Integer),
    column("linked_at", UtcDateTime()),
    column("asked_at", UtcDateTime()),
)
SEARCH_DAYS = table(
    "search_days",
    column("day", UtcDateTime()),
    column("place", Text),
    column("searches", Integer),
    column("nulls", Integer),
    column("abandoned", Integer),
    column("clicked", Integer),
    column("rank_sum", Integer),
    column("linked", Integer),
    column("asked", Integer),
)
