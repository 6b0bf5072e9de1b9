"""Make the things tests need, in the state they need."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient

from kcs.activity.services import record
from kcs.articles.importing import import_article
from kcs.articles.models import Article
from kcs.articles.policy import Domain
from kcs.database import db
from kcs.people import services as people
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.solving.desk import follow_desk
from kcs.solving.measuring import MEASURED
from kcs.tickets.labels import LabelKind, label_ids
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.services import add_connection, mirror_ticket
from tests.fakes import START, FakeDesk, desk_agent
from workflow.article import ArticleState, Audience, Confidence
from workflow.permissions import Licence, Role

PASSWORD = "correct horse battery"
# Hashed with little work: as it is meant, that takes longer than most tests do.
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_numbers = itertools.count(1)

STATES = {
    ArticleState.WIP: (Confidence.WIP, Audience.INTERNAL),
    ArticleState.NOT_VALIDATED: (Confidence.NOT_VALIDATED, Audience.INTERNAL),
    ArticleState.VALIDATED: (Confidence.VALIDATED, Audience.INTERNAL),
    ArticleState.PUBLISHED: (Confidence.VALIDATED, Audience.PUBLIC),
    ArticleState.ARCHIVED: (Confidence.ARCHIVED, Audience.INTERNAL),
}


def make_agent(
    licence: Licence | None = Licence.CONTRIBUTOR,
    roles: Iterable[Role] = (),
    *,
    email: str = "",
    team: str | None = None,
    password: str | None = None,
) -> Agent:
    """Add a person."""
    email = email or f"agent{next(_numbers)}@example.com"
    agent = people.add_agent(email, email.split("@")[0].title(), licence=licence, roles=roles, team=team)
    if password is not None:
        agent.password_hash = QUICK_HASHER.hash(password)
    return agent


def make_article(
    state: ArticleState = ArticleState.VALIDATED,
    *,
    title: str = "Export button is grey, Reports 4.2",
    parts: dict[str, str] | None = None,
    author: Agent | None = None,
    key: str | None = None,
) -> Article:
    """Add an article that has reached a state."""
    confidence, audience = STATES[state]
    return import_article(
        title,
        parts or {"issue": "Cannot export", "environment": "Reports 4.2", "resolution": "Allow pop-ups."},
        key=key,
        confidence=confidence,
        audience=audience,
        author=author,
    )


def make_connection(name: str = "acme") -> Connection:
    """Add a desk account of the fake provider, connected before the desk's first ticket."""
    made = add_connection(
        name, provider="zendesk", subdomain="acme", token="token", webhook_secret="fake-secret"
    )
    made.created_at = START - timedelta(days=1)
    return made


def make_ticket(
    desk: FakeDesk | None = None, connection: Connection | None = None, *, solved_by: str = "", **words: str
) -> Ticket:
    """Mirror a new ticket, solved on the desk by the agent with this address when given."""
    desk = desk or FakeDesk()
    connection = connection or db.session.query(Connection).first() or make_connection()
    ticket_id = str(next(_numbers))
    desk.open_ticket(ticket_id, **words)  # type: ignore[arg-type]
    if solved_by:
        desk.set_status(ticket_id, DeskStatus.SOLVED, desk_agent(f"a-{solved_by}", solved_by))
    return read_again(desk, connection, ticket_id)


def read_again(desk: FakeDesk, connection: Connection, ticket_id: str) -> Ticket:
    """Bring the mirror in step, as the inbox does."""
    snapshot = desk.tickets[ticket_id]
    ticket = mirror_ticket(connection, snapshot)
    follow_desk(connection, ticket, snapshot)
    return ticket


def measure(
    ticket: Ticket,
    *,
    domain: Domain | int | None = None,
    product: str = "",
    tags: Iterable[str] = (),
    **values: object,
) -> dict[str, Any]:
    """Let the log say of a ticket what is given of opened, contacts, first_reply, worked and satisfied.

    What is not given is as for a ticket answered once, of which the desk tells nothing. Returns the detail.
    """
    names = [(LabelKind.TAG, tag) for tag in tags]
    ids = label_ids([*names, *([(LabelKind.PRODUCT, product)] if product else [])])
    detail: dict[str, Any] = {
        "opened": ticket.opened_at.isoformat(),
        "contacts": 1,
        **dict.fromkeys(("first_reply", "worked", "satisfied")),
        **values,
        "domain": domain.id if isinstance(domain, Domain) else domain,
        "product": ids[LabelKind.PRODUCT, product] if product else None,
        "tags": sorted(ids[name] for name in names),
    }
    authority = f"desk:{ticket.connection_id}"
    record(
        MEASURED,
        authority=authority,
        connection_id=ticket.connection_id,
        ticket_id=ticket.id,
        detail=detail,
    )
    ticket.measured = detail
    return detail


def token_for(agent: Agent) -> dict[str, str]:
    """Return the header that makes API calls act as `agent`."""
    token = people.issue_token(agent, label="test", days=1)
    db.session.commit()
    return {"Authorization": f"Bearer {token}"}


def sign_in(client: FlaskClient, agent: Agent) -> FlaskClient:
    """Sign `agent` in on this browser."""
    agent.password_hash = QUICK_HASHER.hash(PASSWORD)
    db.session.commit()
    answer = client.post("/sign-in", data={"email": agent.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client
