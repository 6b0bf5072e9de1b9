"""A working day with the emulated account: what we write comes back as webhooks and starts nothing anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.desk import Ticket as RemoteTicket
from integrations.zendesk.emulator.desk import User
from integrations.zendesk.provider import ZendeskProvider
from kcs import database, worklist
from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.database import db
from kcs.outbox.models import Effect
from kcs.people.models import Agent
from kcs.solving.services import link_article
from kcs.tickets.models import Message, Ticket, WriteBack
from kcs.tickets.queries import get_ticket
from kcs.tickets.services import add_connection
from kcs.worklist import WorkState
from kcs.writing_back.switches import set_writes
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article
from webhooks.models import Delivery
from webhooks.services import receive

pytestmark = pytest.mark.long

FIELD = 4711
TAGS = {"kcs_reuse", "kcs_unanswered", "kcs_answered"}


@dataclass
class Day:
    """The account on one side, we on the other, webhooks and the outbox between them."""

    app: Flask
    zendesk: Emulator
    ann: User

    def asks(self, subject: str, body: str) -> RemoteTicket:
        """A customer writes."""
        customer = self.zendesk.desk.user_by_email("maria@home.example") or self.zendesk.add_user(
            "Maria", "maria@home.example", "end-user"
        )
        return self.zendesk.create_ticket(customer, subject, body)

    def comes_to_rest(self, rounds: int = 12) -> None:
        """Deliver and work until neither side has anything left to say. Fails when that never happens."""
        for _ in range(rounds):
            sent = self.zendesk.take_deliveries()
            for delivery in sent:
                headers, body = self.zendesk.sign(delivery)
                receive(self.app.extensions["kcs.intake"], "acme", headers, body)
            worked = self._work("inbox", Delivery) + self._work("outbox", Effect)
            if not sent and not worked:
                return
        pytest.fail("our own writes start more of them, for ever")

    def _work(self, name: str, model: type[Delivery] | type[Effect]) -> int:
        soon = database.now() - timedelta(minutes=1)
        db.session.execute(update(model).where(model.state == WorkState.WAITING).values(not_before=soon))
        db.session.commit()
        return worklist.drain(self.app.extensions["kcs.worklists"][name])


@pytest.fixture
def day(make_app: AppMaker) -> Iterator[Day]:
    """The account with everything switched on, one article that answers what is asked, and Ann."""
    zendesk = Emulator()
    zendesk.desk.ticket_fields[FIELD] = {"id": FIELD, "type": "text", "title": "Knowledge", "active": True}
    app = make_app({"zendesk": ZendeskProvider()})
    with EmulatorServer(zendesk) as server, app.app_context():
        connection = add_connection(
            "acme",
            provider="zendesk",
            subdomain="acme",
            token=zendesk.token,
            webhook_secret=zendesk.outbox.secret,
            api_base=server.api_base,
        )
        connection.created_at -= timedelta(days=1)
        set_writes(connection, list(WriteBack), state_field=str(FIELD))
        make_agent(email="ann@acme.example")
        make_article()
        db.session.commit()
        yield Day(app, zendesk, zendesk.add_user("Ann", "ann@acme.example", "agent"))


def ours(ticket: RemoteTicket) -> list[str]:
    """Return the notes that are ours."""
    return [str(comment.metadata["custom"]) for comment in ticket.comments if not comment.public]


@pytest.mark.parametrize("faults", [0.0, 0.2])
def test_notes_once_tags_right_and_nothing_starts_anew(day: Day, faults: float) -> None:
    day.zendesk.faults.chance(faults, seed=7)
    answered = day.asks("Export button is grey", "I cannot export my report, the button is grey.")
    forgotten = day.asks("Export is broken", "The export button of my report is grey.")
    day.zendesk.tag(forgotten, day.ann, ["vip"])
    day.comes_to_rest()
    link_article(get_ticket("acme", str(answered.id)), the_article(), by=the_agent())
    db.session.commit()
    for ticket in (answered, forgotten):
        day.zendesk.set_status(ticket, day.ann, "solved")
    day.comes_to_rest(rounds=40)
    assert len(ours(answered)) == 1
    assert len(ours(forgotten)) == 2
    assert all(not comment.public for each in (answered, forgotten) for comment in each.comments[1:])
    assert (sorted(answered.tags), sorted(forgotten.tags)) == (["kcs_answered"], ["kcs_unanswered", "vip"])
    assert [each.custom_fields[FIELD] for each in (answered, forgotten)] == ["kcs_answered", "kcs_unanswered"]
    assert [each.reason for each in db.session.query(Effect).filter_by(state=WorkState.PARKED)] == []
    assert bool(day.zendesk.faults.shown) is bool(faults)
    nobodys_words()


def nobodys_words() -> None:
    """Nothing of ours is in the mirror, nor counted as anybody's act."""
    said = select(func.count()).select_from(Message)
    assert db.session.execute(said).scalar_one() == db.session.query(Ticket).count()
    assert all(not TAGS & set(ticket.tags) and not ticket.fields for ticket in db.session.query(Ticket))
    acts = select(Activity.kind, Activity.agent_id).where(Activity.kind.like("desk.%"))
    assert {agent for _, agent in db.session.execute(acts)} == {None}


def the_article() -> Article:
    return db.session.query(Article).one()


def the_agent() -> Agent:
    return db.session.query(Agent).one()
