"""Two weeks of a small team in Madrid, written by hand; 30 March 2025 has only 23 hours.

Week 13 runs from Monday 24 March 00:00 (23:00 UTC the day before) to Monday 31 March 00:00, now summer time
(22:00 UTC the day before); week 14 to Monday 7 April 00:00 (22:00 UTC the day before).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.facts.keeping import forget
from kcs.people.models import Agent, Team
from kcs.tickets.models import Connection, Ticket
from workflow.permissions import Role

NORTH, SOUTH = 1, 2
ANA, BEN, EVA, CORA, MIA, ADA, LEO = 1, 2, 3, 4, 5, 6, 7

TEAMS = [(NORTH, "North"), (SOUTH, "South")]
PEOPLE: list[tuple[int, str, int | None, list[Role]]] = [
    (ANA, "Ana", NORTH, []),
    (BEN, "Ben", SOUTH, []),
    (EVA, "Eva", None, []),
    (CORA, "Cora", SOUTH, [Role.COACH]),
    (MIA, "Mia", NORTH, [Role.MANAGER]),
    (ADA, "Ada", None, [Role.ADMIN]),
    (LEO, "Leo", None, [Role.COACH, Role.EXPERT]),
]
WHO = {"Ana": ANA, "Ben": BEN, "Eva": EVA, "-": None}
TEAM = {"North": NORTH, "South": SOUTH, "-": None}

# happened (UTC), ticket, act, agent, team, link (r: resolution, b: background), state after; and when it was
# recorded if that is not at once. An act with a dot is no act of the solve loop. Every block is one ticket,
# in the order of its acts.
LOG = """
2025-03-24T09:00 1 link Ana North r101 reuse
2025-03-24T10:00 1 solve Ana North - answered

2025-03-24T11:00 2 solve Ana North - unanswered
2025-04-09T08:00 2 link Ben South r201 answered

2025-03-25T09:00 3 link Ana North r301 reuse
2025-03-25T10:00 3 solve Ana North - answered
2025-04-02T10:00 3 unlink Ben South r301 unanswered

2025-03-25T11:00 4 link Ana North r401 reuse
2025-03-25T11:10 4 unlink Ana North r401 capture
2025-03-25T11:20 4 link Ana North r402 reuse
2025-03-25T12:00 4 solve Ana North - answered

2025-03-25T09:00 5 link Ana North r501 reuse
2025-03-25T13:00 5 solve Ana North - answered
2025-03-26T09:00 5 reopen - - - reuse

2025-03-25T09:00 6 link Ana North r601 reuse
2025-03-25T14:00 6 solve Ana North - answered
2025-03-31T09:00 6 reopen - - - reuse
2025-03-31T15:00 6 solve Ben South - answered

2025-03-26T09:00 7 exempt Ana North - exempt
2025-03-26T09:30 7 solve Ana North - exempt
2025-03-27T07:00 7 article.flagged Ana North - open

2025-03-26T10:00 8 exempt Ana North - exempt
2025-03-26T10:30 8 solve Ana North - exempt
2025-03-27T08:00 8 link Ana North r801 reuse

2025-03-26T11:00 9 solve Ana North - unanswered
2025-03-27T11:00 9 excluded - - - deleted

2025-03-26T12:00 10 link Ana North b1001 capture
2025-03-26T12:30 10 solve Ana North - unanswered

2025-03-27T09:00 11 solve - - - unanswered

2025-04-01T09:00 12 solve - - - unanswered
2025-04-01T10:00 12 link Eva - r1201 answered

2025-03-25T16:00 13 solve Ben North - unanswered

2025-04-02T09:00 14 draft Ben South r1401 structure
2025-04-02T11:00 14 solve Ben South - answered

2025-04-02T12:00 15 draft Ben South r1501 structure
2025-04-02T12:30 15 discard Ben South r1501 capture
2025-04-02T13:00 15 solve Ben South - unanswered

2025-03-30T22:00 16 link Eva - r1601 reuse
2025-03-30T22:30 16 solve Eva - - answered

2025-03-30T20:00 17 exempt Eva - - exempt
2025-03-30T21:30 17 solve Eva - - exempt

2025-03-23T22:59 18 solve Eva - - unanswered

2025-03-23T23:00 19 solve Eva - - unanswered

2025-04-06T22:00 20 solve Eva - - unanswered

2025-04-03T09:00 21 link Ben South r2101 reuse
2025-04-03T10:00 21 solve Ben South - answered
2025-04-10T09:00 21 reopen - - - reuse
2025-04-10T10:00 21 solve Ben South - answered

2025-04-04T09:00 22 link Eva - r2201 reuse
2025-04-04T09:10 22 link Eva - r2202 reuse
2025-04-04T09:20 22 unlink Eva - r2201 reuse
2025-04-04T10:00 22 solve Eva - - answered

2025-03-31T16:00 23 solve Eva - - unanswered
2025-04-01T08:00 23 exempt Eva - - exempt

2025-03-31T10:00 24 exempt Ana North - exempt
2025-03-31T10:30 24 solve Ana North - exempt
2025-03-31T11:00 24 reopen - - - capture
2025-03-31T12:00 24 solve Ana North - unanswered

2025-04-04T15:00 25 solve Eva - - unanswered 2025-04-20T03:00
2025-04-20T04:00 25 excluded - - - deleted
"""


def at(text: str) -> datetime:
    """Return a moment written in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rows() -> list[dict[str, Any]]:
    """Return the log as rows, in the order of their recording."""
    found = [_row(line) for line in LOG.splitlines() if line]
    found.sort(key=lambda row: row["recorded_at"])
    return found


def _row(line: str) -> dict[str, Any]:
    happened, ticket, act, agent, team, link, after, *recorded = line.split()
    return {
        "kind": act if "." in act else f"ticket.{act}",
        "happened_at": at(happened),
        "recorded_at": at(recorded[0] if recorded else happened),
        "agent_id": WHO[agent],
        "team_id": TEAM[team],
        "connection_id": 1,
        "ticket_id": int(ticket),
        "link_id": None if link == "-" else int(link[1:]),
        "article_id": None if link == "-" else 1,
        "role": {"r": "resolution", "b": "reference", "-": None}[link[0]],
        "after": after,
        "authority": "system",
        "detail": {},
    }


def write(some: list[dict[str, Any]]) -> None:
    """Append rows to the log. They were recorded long ago, so what was made of the log is made anew."""
    if some:
        db.session.execute(insert(Activity), some)
    forget()
    db.session.commit()


def people() -> None:
    """Add the teams and the people."""
    made = at("2025-01-01")
    db.session.add_all(Team(id=number, name=name) for number, name in TEAMS)
    db.session.flush()
    for number, name, team, roles in PEOPLE:
        email = f"{name.lower()}@example.com"
        db.session.add(
            Agent(id=number, name=name, email=email, team_id=team, role_names=roles, created_at=made)
        )
    db.session.commit()


def tickets() -> None:
    """Add the mirror of every ticket in the log but 22, which the mirror has lost."""
    made = at("2025-01-01")
    db.session.add(
        Connection(id=1, name="acme", provider="zendesk", subdomain="acme", token="secret", created_at=made)
    )
    db.session.flush()
    for number in sorted({row["ticket_id"] for row in rows()} - {22}):
        db.session.add(
            Ticket(
                id=number,
                connection_id=1,
                remote_id=f"9{number:03}",
                subject=f"Subject {number}",
                status="solved",
                opened_at=made,
                desk_updated_at=made,
                url="https://acme.zendesk.com/",
            )
        )
    db.session.commit()
