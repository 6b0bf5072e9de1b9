"""The same question asked of the product, of the sums of the day, and of the log itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import TextClause, text

from benchmarks.reports.filling import START, YEAR
from kcs.activity import services as activity
from kcs.database import begin_reading, db, end_reading, is_postgresql
from kcs.metrics.counting import Counted
from kcs.metrics.facts import keeping
from kcs.metrics.facts.acts import KINDS
from kcs.metrics.kinds import LINKING, SOLVE
from kcs.metrics.model import Report, Scope, Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import activity as acts
from kcs.metrics.reports import known, link_rate
from kcs.metrics.settling import settled
from kcs.people.models import Agent
from kcs.people.services import hash_password
from kcs.progress import progress

ZONE = ZoneInfo("UTC")
WINDOW = Window(START, START + YEAR, ZONE)
ROUNDS = 40
APPENDED = 3_000
COUNTED = (SOLVE, *LINKING, *KINDS[1:])
PASSWORD = "long enough for measuring"  # noqa: S105 - of a made-up manager
PAGES = {
    "link rate, a month, agents": "/reports/link-rate?from=2025-06-01&to=2025-07-01&by=agent",
    "link rate, a year, weeks": "/reports/link-rate?from=2025-01-01&to=2026-01-01&by=week",
    "known, a year, months": "/reports/known?from=2025-01-01&to=2026-01-01&by=month",
}
# Of articles: read link by link, no sums are kept.
LONG_PAGES = {
    "reuse, a month, articles": "/reports/reuse?from=2025-06-01&to=2025-07-01&by=article",
    "reuse, a year, articles": "/reports/reuse?from=2025-01-01&to=2026-01-01&by=article",
    "links, a year, weeks": "/reports/links?from=2025-01-01&to=2026-01-01&by=week",
    "citations, a year, agents": "/reports/citations?from=2025-01-01&to=2026-01-01&by=agent",
    "states, a year, months": "/reports/states?from=2025-01-01&to=2026-01-01&by=month",
}


@dataclass(frozen=True)
class Question:
    """One question, three ways to answer it."""

    product: Callable[[], object]
    sums: Callable[[], object]
    log: Callable[[], object]


def rows_there() -> int:
    """Return how many rows the log has, 0 where the facts are not made."""
    kept = keeping.state()
    found = db.session.execute(text("SELECT count(*) FROM activity")).scalar_one()
    db.session.rollback()
    return found if kept is not None and kept.ticket_id is None else 0


def rebuild() -> None:
    """Make all facts anew."""
    with progress("making facts, articles and tickets", keeping.begin(activity.settle(), ZONE)) as count:
        keeping.go_on_to_the_end(count)


def page_times(app: Flask, path: str, rounds: int = ROUNDS) -> list[float]:
    """Return how long the server takes for a page, in milliseconds, once for each request but the first."""
    times = []
    client = app.test_client()
    _sign_in(app, client)
    for _ in range(rounds):
        began = time.perf_counter()
        response = client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{path} answered {response.status_code}")
    return times[1:]


def upkeep() -> tuple[float, float, int]:
    """Return the seconds to record some more of the log, to take that into the facts, and how many rows."""
    first = db.session.execute(text("SELECT max(ticket_id) FROM activity")).scalar_one() + 1
    keeping.catch_up(activity.settle(), ZONE, slices=1_000)
    began = time.perf_counter()
    for ticket in range(first, first + APPENDED // 3):
        _solve(ticket)
    bare = time.perf_counter() - began
    until = activity.settle()
    began = time.perf_counter()
    keeping.catch_up(until, ZONE, slices=1_000)
    return bare, time.perf_counter() - began, APPENDED


def _solve(ticket: int) -> None:
    agent = db.session.get_one(Agent, 1 + ticket % 500)
    record = partial(activity.record, authority="bench", ticket_id=ticket, connection_id=1)
    record("ticket.link", agent=agent, link_id=ticket, article_id=1 + ticket % 2000, role="resolution")
    record("ticket.measured", detail={"contacts": 1, "tags": []})
    record("ticket.solve", agent=agent, after="answered")
    db.session.commit()


def _product(report: Report) -> Callable[[], object]:
    def ask() -> object:
        with settled(None, ZONE) as moment:
            reader = report.reader
            if not isinstance(reader, Counted):
                raise TypeError(report.name)
            scope = Scope(WINDOW, moment.as_of, EVERYBODY, latest=True)
            return reader.grid(scope, Segment.AGENT, Segment.WEEK)

    return ask


def _sums(table: str, *names: str) -> Callable[[], object]:
    first, after = WINDOW.days
    sums = ", ".join(f"sum({name})" for name in names)
    query = text(
        f"SELECT agent_id, (day - 1) / 7, {sums} FROM {table} WHERE day >= {first} AND day < {after} "  # noqa: S608
        "GROUP BY agent_id, (day - 1) / 7"
    )
    return lambda: _read(query)


def _log(*counts: str) -> Callable[[], object]:
    def ask() -> object:
        week = (
            "extract(epoch FROM happened_at)::bigint / 604800"
            if is_postgresql()
            else "CAST(julianday(happened_at) / 7 AS integer)"
        )
        kinds = ", ".join(f"'{kind}'" for kind in COUNTED)
        return _read(
            text(
                f"SELECT agent_id, {week}, {', '.join(counts)} FROM activity "  # noqa: S608
                f"WHERE kind IN ({kinds}) GROUP BY agent_id, {week}"
            )
        )

    return ask


def _read(query: TextClause) -> list[object]:
    begin_reading()
    try:
        return list(db.session.execute(query))
    finally:
        end_reading()


def _tickets(condition: str) -> str:
    return f"count(DISTINCT CASE WHEN {condition} THEN ticket_id END)"


QUESTIONS: Mapping[str, Question] = {
    "link rate": Question(
        _product(link_rate.REPORT),
        _sums("daily_solved", "solved", "linked", "exempt", "solved - linked - exempt", "inferred"),
        _log(
            _tickets("kind = 'ticket.solve'"),
            _tickets("kind IN ('ticket.link', 'ticket.draft') AND role = 'resolution'"),
        ),
    ),
    "reuse": Question(
        _product(known.REPORT),
        _sums("daily_solved", "solved", "known", "new", "solved - linked", "reused", "created"),
        _log(_tickets("kind = 'ticket.solve'"), _tickets("kind = 'ticket.link' AND role = 'resolution'")),
    ),
    "participation": Question(
        _product(acts.REPORT),
        _sums("daily_acts", "linked", "created", "modified", "flagged"),
        _log(
            _tickets("kind = 'ticket.link'"),
            "count(DISTINCT CASE WHEN kind LIKE 'article.%' THEN article_id END)",
        ),
    ),
}


def _sign_in(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        manager = db.session.get_one(Agent, 1)
        manager.password_hash = hash_password(PASSWORD)
        email = manager.email
        db.session.commit()
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    if answer.status_code != 302:
        raise SystemExit(f"signing in answered {answer.status_code}")
