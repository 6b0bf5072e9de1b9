"""SQLite reads of a long log what it is asked for: by ticket or article, not all rows of a kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Connection, event, select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.facts.acts import acts
from kcs.metrics.facts.merges import merges
from kcs.metrics.facts.reading import Births, licences
from kcs.metrics.facts.remaking import Told, remake_articles, remake_tickets

SOME = range(1, 501)
UNTIL = datetime(2026, 1, 1, tzinfo=UTC)


def _remake_tickets() -> None:
    remake_tickets(SOME, UNTIL, Told(Births(), licences(), merges(UNTIL), ZoneInfo("UTC")))


def _remake_articles() -> None:
    remake_articles(SOME, UNTIL)


def _read_acts() -> None:
    db.session.execute(acts().where(Activity.id.in_(SOME)))


def _read_history_of_an_article() -> None:
    db.session.execute(select(Activity.id).where(Activity.article_id == 1, Activity.kind == "article.edited"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("read", "by"),
    [
        (_remake_tickets, "ix_activity_ticket"),
        (_remake_articles, "ix_activity_article"),
        (_read_acts, "INTEGER PRIMARY KEY"),
        (_read_history_of_an_article, "ix_activity_article"),
    ],
)
def test_few_are_found_by_number_and_not_among_all_of_their_kind(
    app: Flask, read: Callable[[], None], by: str
) -> None:
    plans = _plans_of(read)
    assert any(by in plan for plan in plans)
    assert [plan for plan in plans if "SCAN activity" in plan] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_process_that_migrates_plans_so_at_once(app: Flask) -> None:
    """`kcs serve` brings the database up to date and goes on with the same connections."""
    db.session.remove()
    flask_migrate.downgrade(revision="0008")
    assert not any("ix_activity_ticket" in plan for plan in _plans_of(_remake_tickets))
    db.session.remove()
    flask_migrate.upgrade()
    assert any("ix_activity_ticket" in plan for plan in _plans_of(_remake_tickets))


def _plans_of(read: Callable[[], None]) -> list[str]:
    """Return how SQLite looks for what is read, a line for each step."""
    plans: list[str] = []

    def explain(
        connection: Connection, _cursor: object, statement: str, given: tuple[object, ...], *_: object
    ) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            cursor = connection.connection.cursor()
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.extend(row[3] for row in cursor.fetchall())

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        read()
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
    return plans
