"""A year of a large service desk, made by the database itself: 500 people, over three rows a ticket.

Everything follows from a ticket's number, so a run can be repeated. People link and edit the articles of
their team's field. Some links are taken away later, some tickets reopened and solved again, some left without
an article for a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from kcs.database import db, is_postgresql
from kcs.people.models import Agent, Team

START = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
AGENTS, TEAMS, ARTICLES = 500, 25, 2_000
ROWS_A_TICKET = 3.05
CHUNK = 100_000

# Of ticket n: a number below 1000 that looks like chance, who solves it, and when, in seconds after START.
_TICKETS = """
WITH RECURSIVE numbers(n) AS (
  SELECT CAST({first} AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}
),
tickets AS (
  SELECT n, r, agent, 1 + agent % {teams} + {teams} * nth AS article, second FROM (
    SELECT n, (n * 7919 + n / 13) % 1000 AS r, 1 + (n * 31 + n / 500) % {agents} AS agent,
           (n * 17 + n / 7) % ({articles} / {teams}) AS nth, 7200 + n * {step} AS second
    FROM numbers
  ) AS each
)
"""
_SOLVED_AS = "CASE WHEN r >= 900 THEN 'exempt' WHEN r < 680 THEN 'answered' ELSE 'unanswered' END"
# kind, which tickets, seconds after the solving, role, state after, article, link, detail
_ROWS = (
    ("article.created", "r BETWEEN 600 AND 679", -1200, "NULL", "'wip'", "{articles} + n", "NULL", "'{{}}'"),
    ("ticket.link", "r < 600", -900, "'resolution'", "'reuse'", "article", "n", "'{{}}'"),
    (
        "ticket.draft",
        "r BETWEEN 600 AND 679",
        -900,
        "'resolution'",
        "'structure'",
        "{articles} + n",
        "n",
        "'{{}}'",
    ),
    ("ticket.exempt", "r >= 900", -800, "NULL", "'exempt'", "NULL", "NULL", "'{{}}'"),
    ("article.edited", "r % 10 = 3", -600, "NULL", "'validated'", "article", "NULL", "'{{}}'"),
    ("ticket.measured", "1 = 1", 0, "NULL", "NULL", "NULL", "NULL", "{measured}"),
    ("ticket.solve", "1 = 1", 0, "NULL", _SOLVED_AS, "NULL", "NULL", "'{{}}'"),
    ("ticket.reopen", "r % 20 = 1", 3600, "NULL", "'reuse'", "NULL", "NULL", "'{{}}'"),
    ("ticket.solve", "r % 20 = 1", 7200, "NULL", _SOLVED_AS, "NULL", "NULL", "'{{}}'"),
    ("ticket.unlink", "r < 600 AND r % 50 = 2", 86400, "NULL", "'unanswered'", "article", "n", "'{{}}'"),
)
_MEASURED = (
    '\'{{"opened": "\' || {opened} || \'", "contacts": \' || (1 + r % 3) || \', "first_reply": \' || (60 + r)'
    ' || \', "worked": null, "satisfied": null, "domain": null, "product": null, "tags": []}}\''
)
_INSERT = """
INSERT INTO activity (kind, happened_at, recorded_at, agent_id, team_id, connection_id, ticket_id, article_id,
                      link_id, role, after, authority, detail)
SELECT kind, moment, moment, agent, 1 + agent % {teams}, 1, ticket, article, link, role, state, 'bench',
       {detail}
FROM ({rows}) AS acts ORDER BY second
"""


def fill(events: int, said: Callable[[int], None]) -> int:
    """Write about so many rows into an empty log; return how many there are. Commits."""
    _people()
    tickets = int(events / ROWS_A_TICKET)
    step = max(1, int(YEAR.total_seconds() - 100_000) // tickets) if tickets < YEAR.total_seconds() else None
    for first in range(1, tickets + 1, CHUNK):
        last = min(first + CHUNK - 1, tickets)
        db.session.execute(text(_statement(first, last, step, tickets)))
        db.session.commit()
        said(last - first + 1)
    return int(db.session.execute(text("SELECT count(*) FROM activity")).scalar_one())


def _people() -> None:
    made = START - timedelta(days=1)
    db.session.add_all(Team(id=number, name=f"Team {number}") for number in range(1, TEAMS + 1))
    db.session.flush()
    db.session.add_all(
        Agent(
            id=number,
            name=f"Agent {number}",
            email=f"agent{number}@example.com",
            team_id=1 + number % TEAMS,
            role_names=["manager"] if number == 1 else [],
            created_at=made,
        )
        for number in range(1, AGENTS + 1)
    )
    db.session.commit()


def _statement(first: int, last: int, step: int | None, tickets: int) -> str:
    # Of more tickets than seconds, several fall on one second.
    pace = str(step) if step is not None else f"{int(YEAR.total_seconds()) - 100_000} / {tickets}"
    head = _TICKETS.format(first=first, last=last, agents=AGENTS, teams=TEAMS, articles=ARTICLES, step=pace)
    rows = " UNION ALL ".join(_rows(*each) for each in _ROWS)
    detail = "CAST(detail AS jsonb)" if is_postgresql() else "detail"
    return head + _INSERT.format(teams=TEAMS, rows=rows, detail=detail)


def _rows(
    kind: str, which: str, after: int, role: str, state: str, article: str, link: str, detail: str
) -> str:
    moment = _moment(f"second + {after}")
    measured = _MEASURED.format(opened=_iso("second - 3600 - r * 60"))
    columns = {"articles": ARTICLES, "measured": measured}
    return (
        f"SELECT '{kind}' AS kind, {moment} AS moment, second + {after} AS second, agent, n AS ticket, "  # noqa: S608
        f"CAST({article.format(**columns)} AS integer) AS article, CAST({link} AS integer) AS link, "
        f"CAST({role} AS text) AS role, CAST({state} AS text) AS state, {detail.format(**columns)} AS detail "
        f"FROM tickets WHERE {which}"
    )


def _moment(seconds: str) -> str:
    if is_postgresql():
        return f"TIMESTAMPTZ '{START:%Y-%m-%d} 00:00:00+00' + ({seconds}) * INTERVAL '1 second'"
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', {int(START.timestamp())} + {seconds}, 'unixepoch')"


def _iso(seconds: str) -> str:
    if is_postgresql():
        moment = f"({_moment(seconds)}) AT TIME ZONE 'UTC'"
        return f'to_char({moment}, \'YYYY-MM-DD"T"HH24:MI:SS"+00:00"\')'
    return f"strftime('%Y-%m-%dT%H:%M:%S+00:00', {int(START.timestamp())} + {seconds}, 'unixepoch')"
