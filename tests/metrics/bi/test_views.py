"""What reporting tools read: the same figures as the reports, nothing of a customer, each column told."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import ProgrammingError

from kcs.activity.services import record
from kcs.database import db
from kcs.metrics.bi.days import AHEAD, keep_days
from kcs.metrics.bi.models import ReportDay
from kcs.metrics.model import Segment
from kcs.metrics.periods import Window, day_number, moment
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import REPORTS
from kcs.metrics.services import Asked, Table, compute
from kcs.people.departments import set_department
from kcs.people.models import Agent, Department
from kcs.sampling.questions import Kind
from kcs.solving.services import draft_article, link_article, unlink
from tests.docs.doc_pages import codes, rows, section, text_of
from tests.factories import make_agent, make_article, make_connection, make_ticket
from tests.fakes import START, FakeDesk

MADRID = ZoneInfo("Europe/Madrid")
VIEWS = ("report_acts", "report_articles", "report_links", "report_people", "report_solved_tickets")
PEOPLE = (("ana", "North"), ("ben", "South"), ("cas", "South"))
SECRET_WORDS = "Amira Haddad cannot log in"


def days() -> tuple[date, date]:
    """Return the first day of what happened on the desk, and tomorrow: other acts happen now."""
    return START.date() - timedelta(1), datetime.now(MADRID).date() + timedelta(1)


def queries() -> list[str]:
    """Return the queries of the page, about everything instead of the year they name."""
    first, after = days()
    told = re.findall(r"^```sql\n(.*?)^```", section(text_of("bi.md"), "Queries to begin with"), re.M | re.S)
    return [query.replace("2026-01-01", f"{first}").replace("2027-01-01", f"{after}") for query in told]


def asked(name: str, by: Segment) -> Table:
    first, after = days()
    window = Window(moment(first, MADRID), moment(after, MADRID), MADRID)
    return compute(REPORTS[name], Asked(window, by, EVERYBODY))


@pytest.fixture
def history(app: Flask) -> dict[str, Any]:
    """A small team: links, a removed one, a draft, and one who closes tickets without knowledge."""
    desk, connection = FakeDesk(), make_connection()
    ana, ben, _ = (make_agent(email=f"{name}@example.com", team=team) for name, team in PEOPLE)
    article = make_article(author=ana)
    other = make_article(author=ben, title="Another")
    tickets = [
        make_ticket(desk, connection, solved_by=who, subject=SECRET_WORDS)
        for who in (
            "ana@example.com",
            "ana@example.com",
            "ben@example.com",
            "cas@example.com",
            "ben@example.com",
        )
    ]
    link_article(tickets[0], article, by=ana)
    link_article(tickets[1], other, by=ben)
    unlink(link_article(tickets[1], article, by=ana), by=ana)
    link_article(tickets[2], article, by=ben)
    draft_article(tickets[4], by=ben, title="From this ticket")
    db.session.commit()
    keep_days(MADRID)
    return {"article": article, "other": other}


def answers(query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.session.execute(text(query))]


@pytest.mark.usefixtures("history")
def test_the_link_rate_is_that_of_the_report() -> None:
    table = asked("link-rate", Segment.TEAM)
    found = answers(queries()[0])
    assert [(team, solved, linked) for team, solved, linked, _ in found] == [
        (row.label, row.figures["solved"], row.figures["linked"]) for row in table.rows
    ]
    assert [float(rate) for *_, rate in found] == [float(row.figures["link_rate"] or 0) for row in table.rows]
    assert {team: linked for team, _, linked, _ in found} == {"North": 2, "South": 2}


@pytest.mark.usefixtures("history")
def test_a_department_is_that_of_the_team_at_present() -> None:
    for team, department in (
        ("North", "Support"),
        ("South", "Support"),
        ("South", "Consulting"),
        ("North", None),
    ):
        set_department(team, department)
    db.session.commit()
    table = asked("link-rate", Segment.DEPARTMENT)
    expected = {row.label: (row.figures["solved"], row.figures["linked"]) for row in table.rows}
    assert expected == {"Consulting": (3, 2), "No department": (2, 2)}
    found = {name or "No department": (solved, linked) for name, solved, linked, _ in answers(queries()[1])}
    assert found == expected
    (consulting,) = db.session.scalars(select(Department.id).where(Department.name == "Consulting"))
    for view in ("report_people", "report_acts"):
        told = f"SELECT DISTINCT team, department_id, department FROM {view} WHERE team IS NOT NULL"  # noqa: S608 -- our own names
        assert set(answers(told)) == {("North", None, None), ("South", consulting, "Consulting")}, view


def test_reuse_is_that_of_the_report(history: dict[str, Any]) -> None:
    table = asked("reuse", Segment.ARTICLE)
    reused = {row.key: row.figures["assisted"] for row in table.rows if row.figures["assisted"]}
    assert dict(answers(queries()[2])) == {history["article"].key: 2, history["other"].key: 1}
    assert sorted(reused.values(), key=str) == [1, 2]
    assert reused[history["article"].id] == 2


@pytest.mark.usefixtures("history")
def test_participation_is_that_of_the_report() -> None:
    total = asked("participation", Segment.WEEK).total.figures
    assert answers(queries()[3]) == [(total["closers"], total["active"])] == [(3, 2)]


@pytest.mark.usefixtures("history")
def test_no_view_holds_a_word_of_a_customer_or_of_an_article() -> None:
    asked("link-rate", Segment.TEAM)  # as the chore does every few seconds, it takes the log into the facts
    for view in VIEWS:
        held = str(answers(f"SELECT * FROM {view}"))  # noqa: S608 -- our own names
        assert held != "[]", view
        assert not re.search(r"Amira|Haddad|log in|Another|From this ticket|customer@|password", held), view


@pytest.mark.usefixtures("history")
def test_what_coaches_judged_stands_in_no_view() -> None:
    kinds = [f"sample.{kind}" for kind in Kind] + ["article.flagged"]
    ana, ben, *_ = db.session.execute(select(Agent).order_by(Agent.id)).scalars()
    before = [answers(f"SELECT count(*) FROM {view}") for view in VIEWS]  # noqa: S608 -- our own names
    for kind in kinds:
        record(kind, authority="role:coach", agent=ben, detail={"of": ana.id, "yes": 0, "asked": 3})
    db.session.commit()
    found = dict(answers("SELECT kind, count(*) FROM report_acts GROUP BY kind"))
    assert {kind: found.get(kind) for kind in kinds} == {**dict.fromkeys(kinds), "article.flagged": 1}
    after = [answers(f"SELECT count(*) FROM {view}") for view in VIEWS]  # noqa: S608 -- our own names
    assert after == [
        [(rows[0][0] + (view == "report_acts"),)] for view, rows in zip(VIEWS, before, strict=True)
    ]


def test_every_column_is_explained_and_no_other(app: Flask) -> None:
    inspector = inspect(db.engine)
    assert sorted(inspector.get_view_names()) == list(VIEWS)
    for view in VIEWS:
        told = [name for row in rows(section(text_of("bi.md"), view)) for name in codes(row[0])]
        assert sorted(told) == sorted(column["name"] for column in inspector.get_columns(view)), view


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has no roles
@pytest.mark.usefixtures("history")
def test_the_role_of_the_page_reads_the_views_and_nothing_else() -> None:
    told = section(text_of("bi.md"), "A role that may read them and nothing else").replace(
        "kcs_bi", "kcs_bi_test"
    )
    (statements,) = re.findall(r"^```sql\n(.*?)^```", told, re.M | re.S)
    db.session.execute(text(statements))
    db.session.execute(text("SET LOCAL ROLE kcs_bi_test"))
    for view in VIEWS:
        db.session.execute(text(f"SELECT count(*) FROM {view}"))  # noqa: S608 -- our own names
    for refused in ("SELECT count(*) FROM tickets", "DELETE FROM links"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(refused))
    db.session.rollback()


def test_a_day_is_the_organisations_also_where_it_has_23_hours(app: Flask) -> None:
    """The calendar reaches from the first act to a good while ahead, and is made anew in another zone."""
    made = keep_days(MADRID)
    assert made == AHEAD
    assert keep_days(MADRID) == 0
    today = datetime.now(UTC)
    db.session.add(Agent(email="a@example.com", name="A", created_at=today))
    article = make_article()
    for created, expected in CREATED:
        article.created_at = created
        keep_from(created.date())
        db.session.commit()
        (day,) = answers("SELECT created_day FROM report_articles")[0]
        assert str(day) == expected, created
    assert keep_days(ZoneInfo("Asia/Jerusalem")) >= AHEAD
    assert {row.zone for row in db.session.query(ReportDay)} == {"Asia/Jerusalem"}


CREATED = (
    (datetime(2025, 3, 29, 22, 59, tzinfo=UTC), "2025-03-29"),
    (datetime(2025, 3, 29, 23, 0, tzinfo=UTC), "2025-03-30"),
    (datetime(2025, 3, 30, 21, 59, tzinfo=UTC), "2025-03-30"),
    (datetime(2025, 3, 30, 22, 0, tzinfo=UTC), "2025-03-31"),
)


def keep_from(day: date) -> None:
    """Add the days around one that lies before the first act."""
    for number in range(day.toordinal() - 1, day.toordinal() + 3):
        starts_at = moment(date.fromordinal(number), MADRID)
        assert day_number(starts_at, MADRID) == number
        db.session.merge(ReportDay(day=number, starts_at=starts_at, zone=MADRID.key))
