"""What the desk is told when a ticket is saved as solved, and what is kept of saves that passed unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask_babel import refresh
from sqlalchemy import func, select

from kcs import database
from kcs.database import db
from kcs.embedding.models import TOLD_WITHIN, PassedSave, PassReason
from kcs.embedding.services import KEPT
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.solving.models import ExemptionReason
from kcs.solving.services import exempt, link_article
from kcs.tickets.models import ClosePolicy, Connection, Ticket
from kcs.tickets.services import set_closing
from tests.embedding.visits import Embedded
from tests.factories import make_article
from tests.fakes import FakeDesk
from webhooks.models import Delivery

P = ClosePolicy


def asked(embedded: Embedded, ticket: Ticket, language: str = "en") -> dict[str, str]:
    headers = {"Authorization": f"Bearer {embedded.token}", "Accept-Language": language}
    refresh()  # requests of one test share a context, and with it the language of the first
    answer = embedded.client.get(f"/embed/acme/tickets/{ticket.remote_id}/closing", headers=headers)
    found: dict[str, str] = answer.get_json()
    return found


@pytest.mark.parametrize(
    ("policy", "act"),
    [(P.PROMPT, "ask"), (P.REQUIRE, "refuse"), (P.REMIND, "pass"), (P.DRAFT, "pass"), (P.NOTHING, "pass")],
)
def test_the_policy_decides_what_happens(
    embedded: Embedded, connection: Connection, ticket: Ticket, ana: Agent, policy: ClosePolicy, act: str
) -> None:
    set_closing(connection, policy)
    db.session.commit()
    said = asked(embedded, ticket)
    assert said["act"] == act
    assert (said["said"] != "") is (act != "pass")
    link_article(ticket, make_article(), by=ana)
    db.session.commit()
    assert asked(embedded, ticket) == {"act": "pass", "said": ""}


def test_an_exempt_or_solved_ticket_passes(
    embedded: Embedded, connection: Connection, ticket: Ticket, ana: Agent
) -> None:
    set_closing(connection, P.REQUIRE)
    ticket.status = DeskStatus.SOLVED
    db.session.commit()
    assert asked(embedded, ticket)["act"] == "pass"
    ticket.status = DeskStatus.OPEN
    exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=ana)
    db.session.commit()
    assert asked(embedded, ticket)["act"] == "pass"


def test_the_words_are_in_the_desks_language(
    embedded: Embedded, connection: Connection, ticket: Ticket
) -> None:
    set_closing(connection, P.REQUIRE)
    db.session.commit()
    said = {
        language: asked(embedded, ticket, language)["said"] for language in ("en", "es", "id", "he", "xx")
    }
    assert said["en"].startswith("This ticket cannot be solved yet")
    assert said["xx"] == said["en"]
    assert len(set(said.values())) == 4


AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def told(embedded: Embedded, *saves: dict[str, Any]) -> int:
    return embedded.post("/embed/acme/passed-saves", json={"saves": list(saves)}).status_code


def kept() -> list[PassedSave]:
    db.session.rollback()
    return list(db.session.execute(select(PassedSave).order_by(PassedSave.id)).scalars())


def save(ticket: str = "1", reason: str = "timeout", at: datetime | None = None) -> dict[str, Any]:
    return {"ticket": ticket, "reason": reason, "at": (at or AT).isoformat()}


def test_saves_that_passed_are_kept_once_with_who_and_why(embedded: Embedded, ana: Agent) -> None:
    one = save()
    assert told(embedded, one, save("2", "unreachable")) == 200
    assert told(embedded, one) == 200
    assert [(row.remote_ticket_id, row.reason, row.agent_id) for row in kept()] == [
        ("1", PassReason.TIMEOUT, ana.id),
        ("2", PassReason.UNREACHABLE, ana.id),
    ]


def test_times_that_cannot_be_are_made_ours_and_old_ones_forgotten(embedded: Embedded) -> None:
    told(
        embedded, save("1", at=database.now() + timedelta(days=400)), save("2", at=AT - timedelta(days=4000))
    )
    early, late = sorted(row.happened_at for row in kept())
    assert late <= database.now()
    assert early > database.now() - TOLD_WITHIN - timedelta(minutes=1)
    for row in kept():
        row.happened_at = database.now() - KEPT - timedelta(days=1)
    db.session.commit()
    told(embedded, save("3"))
    assert [row.remote_ticket_id for row in kept()] == ["3"]


@pytest.mark.parametrize(
    "saves",
    [
        [],
        [save() | {"subject": "words of a customer"}],
        [save(reason="because")],
        [save(ticket="a b")],
        [save(ticket="1\n")],
        [save(ticket="x" * 41)],
        [{"ticket": "1", "reason": "timeout", "at": "2026-11-22T12:00:00"}],
        [{"ticket": 1, "reason": "timeout", "at": AT.isoformat()}],
        [save() for _ in range(21)],
        "none",
    ],
    ids=range(10),
)
def test_anything_but_numbers_reasons_and_times_is_refused(embedded: Embedded, saves: Any) -> None:
    assert embedded.post("/embed/acme/passed-saves", json={"saves": saves}).status_code == 400
    assert kept() == []


def test_a_ticket_that_is_not_here_yet_is_asked_for(embedded: Embedded, desk: FakeDesk) -> None:
    def waiting() -> int:
        db.session.rollback()
        return db.session.execute(select(func.count(Delivery.id))).scalar_one()

    for _ in range(2):
        assert embedded.post("/embed/acme/tickets/900/hints").status_code == 204
    assert waiting() == 1
    assert embedded.post("/embed/acme/tickets/9%2F0/hints").status_code == 404
    assert embedded.post(f"/embed/acme/tickets/{'9' * 41}/hints").status_code == 404
    assert waiting() == 1
