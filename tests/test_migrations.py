"""Migrations on a database that is in use: rows that refer to one another survive both ways."""

from __future__ import annotations

import flask_migrate
from sqlalchemy import text

from kcs.database import db
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, make_connection, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState

TABLES = ("agents", "articles", "versions", "activity", "connections", "tickets", "messages", "requesters")


def test_rows_survive_the_way_back_and_forth(make_app: AppMaker) -> None:
    with make_app().app_context():
        make_article(ArticleState.PUBLISHED, author=make_agent())
        make_ticket(FakeDesk(), make_connection())
        db.session.commit()
        before = _counts()
        db.session.remove()
        flask_migrate.downgrade(revision="-1")
        flask_migrate.upgrade()
        assert _counts() == before
        assert all(before.values())


def _counts() -> dict[str, int]:
    return {
        table: db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 -- ours
        for table in TABLES
    }
