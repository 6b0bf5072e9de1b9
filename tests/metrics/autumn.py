"""A week of October 2025 on two desks, written by hand; Sunday the 26th has 25 hours.

Week 43 runs in Madrid from Monday 20 October 00:00 (22:00 UTC the day before) to Monday 27 October 00:00,
now winter time (23:00 UTC the day before). Ana became a publisher on the 22nd at 12:00 UTC, and went from
North to South after it. North was support and South engineering until the 28th, when they changed places.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from kcs.articles.policy import Domain
from kcs.database import db
from kcs.metrics.facts.keeping import forget
from kcs.metrics.periods import Window
from kcs.people.models import Department
from kcs.tickets.labels import LabelKind, ReportLabel
from kcs.tickets.models import Connection
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, CORA, EVA, MIA, NORTH, SOUTH, at

WEEK = Window(at("2025-10-19T22:00"), at("2025-10-26T23:00"), ZoneInfo("Europe/Madrid"))
ACME, NORTHWIND = 1, 2
SUPPORT, ENGINEERING = 1, 2
WHO = {"Ana": ANA, "Ben": BEN, "Eva": EVA, "Cora": CORA, "Mia": MIA}
TEAMS = {"North": NORTH, "South": SOUTH}
DESKS = {"acme": ACME, "northwind": NORTHWIND}

# happened (UTC), act, and in any order: who, their team then, the desk, t ticket, a article, r link as
# resolution or b as background, > the state after, ~ the detail, by name; @ when it was recorded, if not at
# once. An act without a dot is a ticket's. Each block is one matter, in the order of its acts.
LOG = """
2025-09-01T09:00 article.created Ana North a1
2025-09-02T09:00 article.imported a2
2025-10-01T09:00 agent.licence >contributor ~Ana
2025-10-01T09:01 agent.licence >candidate ~Ben
2025-10-01T09:10 team.department ~North-engineering
2025-10-01T09:11 team.department ~South-engineering
2025-10-01T09:20 team.department ~North-support
2025-10-28T09:00 team.department ~North-engineering
2025-10-28T09:00 team.department ~South-support
2025-10-22T12:00 agent.licence >publisher ~Ana

2025-10-20T08:30 link Ana North acme t31 a1 r311 >reuse
2025-10-20T10:00 solve Ana North acme t31 >answered
2025-10-20T10:01 measured acme t31 ~t31

2025-10-20T12:00 solve Ana North acme t32 >unanswered
2025-10-20T12:01 measured acme t32 ~t32
2025-10-27T00:00 link Ben South acme t32 a2 r321 >answered

2025-10-21T08:00 article.created Ana North northwind t33 a4
2025-10-21T08:00 draft Ana North northwind t33 a4 r331 >structure
2025-10-21T08:30 article.edited Ana North northwind t33 a4
2025-10-21T09:00 solve Ana North northwind t33 >answered @2025-10-23T09:00
2025-10-21T09:01 measured northwind t33 ~t33

2025-10-21T11:00 link Ben South northwind t34 a4 r341 >reuse
2025-10-21T11:30 article.edited Ben South northwind t34 a4
2025-10-21T11:30 improve Ben South northwind t34 a4 r341 >improve
2025-10-21T12:00 solve Ben South northwind t34 >answered
2025-10-21T12:01 measured northwind t34 ~t34
2025-10-29T09:00 unlink Eva northwind t34 a4 r341 >unanswered

2025-10-21T12:00 article.created Ben South a5
2025-10-22T13:00 link Ben South acme t35 a5 r351 >reuse
2025-10-22T14:00 solve Ben South acme t35 >answered
2025-10-22T14:01 measured acme t35 ~t35

2025-10-22T10:30 exempt Ana North acme t36 >exempt
2025-10-22T11:00 solve Ana North acme t36 >exempt
2025-10-22T15:00 reopen acme t36 >capture
2025-10-23T08:30 exempt Ana South acme t36 >exempt
2025-10-23T09:00 solve Ana South acme t36 >exempt

2025-10-24T09:00 solve northwind t37 >unanswered ~inferred
2025-10-24T10:00 link Eva northwind t37 a4 r371 >answered

2025-10-24T10:00 solve Ben South acme t38 >unanswered
2025-10-24T12:00 excluded acme t38 >solved @2025-10-30T09:00

2025-10-25T08:00 solve Eva northwind t39 >unanswered
2025-10-25T09:00 excluded northwind t39 >deleted
2025-10-31T09:00 restored northwind t39 >unanswered
2025-10-31T09:01 measured northwind t39 ~t39

2025-10-26T22:00 link Eva acme t40 a1 b401 >capture
2025-10-26T22:59 solve Eva acme t40 >unanswered
2025-10-26T22:59 measured acme t40 ~t40

2025-10-26T23:00 solve Eva acme t41 >unanswered

2025-10-19T21:00 exempt Eva northwind t42 >exempt @2025-10-28T10:00
2025-10-19T22:00 solve Eva northwind t42 >exempt @2025-10-28T10:00

2025-10-19T21:59 solve Eva northwind t43 >unanswered

2025-10-24T08:00 solve Ana South acme t44 >unanswered
2025-10-28T08:00 reopen acme t44 >capture
2025-10-28T12:00 solve Ben South acme t44 >unanswered

2025-10-25T10:00 link Eva northwind t45 a1 r451 >reuse
2025-10-25T10:05 unlink Eva northwind t45 a1 r451 >capture
2025-10-25T10:10 link Eva northwind t45 a3 r452 >reuse
2025-10-25T11:00 solve Eva northwind t45 >answered
2025-10-25T11:01 measured northwind t45 ~t45
2025-11-01T09:00 unlink Eva northwind t45 a3 r452 >unanswered
2025-11-02T09:00 link Eva northwind t45 a1 r453 >answered
2025-11-03T09:00 measured northwind t45 ~t45-later

2025-10-23T10:00 solve Cora South acme t46 >unanswered

2025-10-23T11:00 article.flagged Eva a1
2025-10-23T11:10 article.flagged Mia North a2
2025-10-23T11:20 article.edited Ana South a2
2025-10-23T11:30 article.edited acme t36 a2
2025-10-25T09:00 article.flagged Ben South a3 @2025-10-29T10:00
"""


def _measured(
    opened: str,
    contacts: int | None,
    first_reply: int | None,
    worked: int | None,
    satisfied: bool | None,
    *of: int | None,
    tags: tuple[int, ...] = (),
) -> dict[str, Any]:
    domain, product = of or (None, None)
    return {
        "opened": at(opened).isoformat(),
        "contacts": contacts,
        "first_reply": first_reply,
        "worked": worked,
        "satisfied": satisfied,
        "domain": domain,
        "product": product,
        "tags": list(tags),
    }


DETAILS: dict[str, dict[str, Any]] = {
    "Ana": {"agent_id": ANA},
    "Ben": {"agent_id": BEN},
    "North-support": {"team_id": NORTH, "department_id": SUPPORT},
    "North-engineering": {"team_id": NORTH, "department_id": ENGINEERING},
    "South-support": {"team_id": SOUTH, "department_id": SUPPORT},
    "South-engineering": {"team_id": SOUTH, "department_id": ENGINEERING},
    "inferred": {"inferred": True},
    "t31": _measured("2025-10-20T08:00", 1, 600, 900, True, 1, 5, tags=(7, 8)),
    "t32": _measured("2025-10-20T09:00", 2, 1200, None, None, tags=(8,)),
    "t33": _measured("2025-10-21T07:00", 1, 3600, 1800, False, 1, 5),
    "t34": _measured("2025-10-21T10:00", 0, None, 60, None, tags=(7,)),
    "t35": _measured("2025-10-21T09:00", 3, 1800, 7200, True, 2, 6),
    "t39": _measured("2025-10-25T07:00", 1, 1000, None, None),
    "t40": _measured("2025-10-26T00:30", 1, 300, 300, None),
    "t45": _measured("2025-10-25T09:59", 1, 60, None, True, 1, 5, tags=(7, 8)),
    "t45-later": _measured("2025-10-25T09:59", 1, 60, None, False, 1, 5, tags=(8,)),
}


def tell() -> None:
    """Write the people, the desks and the log."""
    golden.people()
    made = at("2025-01-01")
    db.session.add_all(
        [Department(id=SUPPORT, name="Support"), Department(id=ENGINEERING, name="Engineering")]
    )
    for name, number in DESKS.items():
        db.session.add(
            Connection(
                id=number, name=name, provider="zendesk", subdomain=name, token="secret", created_at=made
            )
        )
    db.session.add(Domain(id=2, key="mail", name="Mail"))  # beside the one there is from the beginning
    for kind, numbers in ((LabelKind.PRODUCT, (5, 6)), (LabelKind.TAG, (7, 8))):
        db.session.add_all(ReportLabel(id=number, kind=kind, name=f"{kind} {number}") for number in numbers)
    db.session.flush()
    rows = [_row(line) for line in LOG.splitlines() if line]
    golden.write(sorted(rows, key=lambda row: row["recorded_at"]))
    forget()
    db.session.commit()


def _row(line: str) -> dict[str, Any]:
    happened, act, *words = line.split()
    row: dict[str, Any] = {
        "kind": act if "." in act else f"ticket.{act}",
        "happened_at": at(happened),
        "recorded_at": at(happened),
        "authority": "system",
        "detail": {},
        **dict.fromkeys(("agent_id", "team_id", "connection_id", "ticket_id", "article_id")),
        **dict.fromkeys(("link_id", "role", "after")),
    }
    for word in words:
        row |= _told(word)
    return row


def _told(word: str) -> dict[str, Any]:
    for column, names in (("agent_id", WHO), ("team_id", TEAMS), ("connection_id", DESKS)):
        if word in names:
            return {column: names[word]}
    sign, rest = word[0], word[1:]
    if sign in "rb":
        return {"link_id": int(rest), "role": {"r": "resolution", "b": "reference"}[sign]}
    if sign in "ta":
        return {{"t": "ticket_id", "a": "article_id"}[sign]: int(rest)}
    if sign == "~":
        return {"detail": DETAILS[rest]}
    return {"after": rest} if sign == ">" else {"recorded_at": at(rest)}
