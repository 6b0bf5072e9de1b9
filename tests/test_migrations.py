"""Migrations on a database that is in use: rows that refer to one another survive both ways."""

from __future__ import annotations

import flask_migrate
import pytest
from sqlalchemy import inspect, text

from kcs import database
from kcs.database import db
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, make_connection, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState

TABLES = ("agents", "articles", "versions", "activity", "connections", "tickets", "messages", "requesters")


@pytest.mark.parametrize("back_to", ["-1", "0006"])
def test_rows_survive_the_way_back_and_forth(make_app: AppMaker, back_to: str) -> None:
    with make_app().app_context():
        make_article(ArticleState.PUBLISHED, author=make_agent())
        make_ticket(FakeDesk(), make_connection())
        db.session.commit()
        before = _counts()
        db.session.remove()
        flask_migrate.downgrade(revision=back_to)
        flask_migrate.upgrade()
        assert _counts() == before
        assert all(before.values())


VIEWS = ("report_people", "report_acts", "report_solved_tickets")


def test_views_of_reporting_tools_get_the_department_at_their_end(make_app: AppMaker) -> None:
    """Whoever reads them by place finds what was there; rights on them and views on top of them stay."""
    with make_app().app_context():
        after = _columns()
        flask_migrate.downgrade(revision="0007")
        before = _columns()
        _run("CREATE VIEW of_their_own AS SELECT name, team FROM report_people")
        if database.is_postgresql():
            _run("GRANT SELECT ON report_people TO PUBLIC")
        flask_migrate.upgrade()
        assert _columns() == after == {view: [*before[view], "department_id", "department"] for view in VIEWS}
        assert db.session.execute(text("SELECT count(*) FROM of_their_own")).scalar_one() == 0
        if database.is_postgresql():
            granted = (
                "SELECT grantee FROM information_schema.role_table_grants WHERE table_name = 'report_people'"
            )
            assert "PUBLIC" in db.session.execute(text(granted)).scalars().all()
            _run("REVOKE SELECT ON report_people FROM PUBLIC")
        _run("DROP VIEW of_their_own")


def _columns() -> dict[str, list[str]]:
    db.session.remove()
    inspector = inspect(db.engine)
    return {view: [column["name"] for column in inspector.get_columns(view)] for view in VIEWS}


def _run(statement: str) -> None:
    db.session.execute(text(statement))
    db.session.commit()


def _counts() -> dict[str, int]:
    return {
        table: db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 -- ours
        for table in TABLES
    }
