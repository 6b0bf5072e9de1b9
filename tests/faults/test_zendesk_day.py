"""A day at Zendesk with all that can happen there, every fifth call failing and every twentieth webhook lost.

In the end our mirror, states, links and credits are what the desk says, to the last ticket, and no call was
one too many for the account.
"""

from __future__ import annotations

import os
import time

import click
import pytest
from flask import Flask
from sqlalchemy import select

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.desk import Ticket as DeskTicket
from kcs.database import db
from kcs.demo.commands import open_rows
from kcs.demo.stage import CONNECTION, Stage
from kcs.demo.team import issue_tokens
from kcs.people import services as people
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.solving.queries import present_links
from kcs.tickets.accounts import credentials_of
from kcs.tickets.models import Message, Ticket
from kcs.tickets.services import add_connection
from tests.factories import make_article
from tests.faults import days
from tests.faults.zendesk_day import LIVES, Cast, Life, Scene, all_tickets
from tests.processes import Product
from workflow.article import ArticleState
from workflow.permissions import Licence

pytestmark = pytest.mark.long

TICKETS = int(os.environ.get("KCS_TEST_DAY_TICKETS", "96"))
AGENTS = [f"{name}@example.com" for name in ("ana", "ben", "chi", "dov", "eva", "finn", "gil", "hana")]
FEW = 500  # with so few it may be that another webhook of each ticket came through
FAULTS, LOST, REPEATED = 0.2, 0.05, 0.1


@pytest.fixture
def desk() -> Emulator:
    """An account whose webhooks are made over its API, and which counts the calls."""
    made = Emulator(shapes=(), plan="enterprise_plus")
    made.limits.on()
    return made


class Day:
    """The account, the product beside it, and what goes on between them."""

    def __init__(self, desk: Emulator, server: EmulatorServer, app: Flask, product: Product) -> None:
        self.desk, self.app, self.product = desk, app, product
        agents = {email: people.add_agent(email, email, licence=Licence.CONTRIBUTOR) for email in AGENTS}
        articles = [make_article(ArticleState.VALIDATED, key=f"KB-{n}").key for n in range(20)]
        self.connection_id = self._connect(server.api_base)
        self.stage = Stage(desk, product.base_url, issue_tokens(agents), lambda: open_rows(app))
        db.session.commit()
        db.session.remove()
        self.cast = Cast(desk, AGENTS, articles)
        self.found = 0

    def _connect(self, api_base: str) -> int:
        connection = add_connection(
            CONNECTION,
            provider="zendesk",
            subdomain=self.desk.account,
            token=self.desk.token,
            api_base=api_base,
        )
        db.session.commit()
        provider = self.app.extensions["kcs.providers"]["zendesk"]
        credentials = credentials_of(connection, provider)
        db.session.commit()
        webhook = provider.webhooks(credentials).install(
            CONNECTION, f"{self.product.base_url}/webhooks/{CONNECTION}"
        )
        connection.webhook_id, connection.webhook_secret = webhook.id, webhook.secret
        return connection.id

    def deliver(self) -> None:
        """Let the desk send what it has, and wait until it is worked on."""
        self.desk.deliver(sleep=time.sleep)
        days.settle(self.app)

    def play(self) -> list[tuple[Life, Scene]]:
        """Live through it."""
        self.desk.faults.chance(FAULTS, seed=3, retry_after="0")
        self.desk.outbox.chance(lose=LOST, repeat=REPEATED, shuffle=True, seed=4)
        played = self.cast.morning(TICKETS)
        self.deliver()
        self.found = days.reconcile(self.app, self.connection_id)
        for life, scene in played:
            self.cast.do(self.stage, scene, life.noon)
        for life, scene in played:
            for act in life.evening:
                act(scene)
        self.deliver()
        self.found += days.reconcile(self.app, self.connection_id)
        for life, scene in played:
            self.cast.do(self.stage, scene, life.night)
        days.settle(self.app)
        return played


@pytest.fixture
def day(desk: Emulator, desk_server: EmulatorServer, app: Flask, product: Product) -> Day:
    """A day about to begin, with the product at work."""
    made = Day(desk, desk_server, app, product)
    days.start(product)
    return made


def test_after_the_storm_everything_is_as_the_desk_says(day: Day) -> None:
    begun = time.monotonic()
    played = day.play()
    took = time.monotonic() - begun
    refused, peaks = day.desk.limits.refusals, day.desk.limits.peaks
    click.echo(f"\n{len(played)} tickets of {len(LIVES)} lives in {took:.0f} s")
    click.echo(f"faults shown: {dict(day.desk.faults.shown)}; webhooks lost: {len(day.desk.outbox.lost)}")
    click.echo(f"tickets found behind by reconciling: {day.found}")
    click.echo(f"calls: {day.desk.calls.total()}; fullest windows: {peaks}")
    assert [mirror(ticket) for ticket in all_tickets(played, day.cast)] == [
        truth(ticket, day.desk) for ticket in all_tickets(played, day.cast)
    ]
    assert [outcome(scene.ticket) for _, scene in played] == [expected(life, scene) for life, scene in played]
    assert refused == []
    assert day.desk.outbox.lost
    assert day.found or len(played) < FEW


def mirror(ticket: DeskTicket) -> tuple[object, ...]:
    """What we hold of a ticket."""
    ours = ours_of(ticket)
    if ours is None or ours.status is DeskStatus.DELETED:
        return (ticket.id, DeskStatus.DELETED)
    messages = db.session.execute(select(Message).where(Message.ticket_id == ours.id)).scalars()
    texts = sorted((int(each.remote_id), each.body, each.public) for each in messages)
    assignee = ours.assignee.email if ours.assignee else None
    return (ticket.id, ours.status, ours.subject, assignee, sorted(ours.tags), texts)


def truth(ticket: DeskTicket, desk: Emulator) -> tuple[object, ...]:
    """What the desk holds of it."""
    if ticket.deleted or ticket.gone:
        return (ticket.id, DeskStatus.DELETED)
    assignee = desk.desk.users[ticket.assignee_id].email if ticket.assignee_id else None
    texts = sorted((each.id, each.body, each.public) for each in ticket.comments)
    return (ticket.id, DeskStatus(ticket.status), ticket.subject, assignee, sorted(ticket.tags), texts)


def outcome(ticket: DeskTicket) -> tuple[object, ...]:
    """State, status, credit and links of a ticket here."""
    ours = ours_of(ticket)
    if ours is None:
        return (ticket.id, "not here")
    if ours.status is DeskStatus.DELETED:
        # Its history went with it: whether it was solved before, nobody can be asked any more.
        return (ticket.id, DeskStatus.DELETED)
    solver = db.session.get(Agent, ours.solver_id) if ours.solver_id else None
    linked = sorted(link.id for link in present_links(ours) if link.source.value != "created")
    return (ticket.id, ours.knowledge_state, ours.status, solver.email if solver else None, linked)


def expected(life: Life, scene: Scene) -> tuple[object, ...]:
    """What its life should come to."""
    number = scene.ticket.id
    if life.status is DeskStatus.DELETED:
        return (number, DeskStatus.DELETED)
    credit = {"agent": scene.agent.email, "colleague": scene.colleague.email}.get(life.credit or "")
    linked = [scene.cast.links[number]] if number in scene.cast.links else []
    return (number, life.knowledge, life.status, credit, linked)


def ours_of(ticket: DeskTicket) -> Ticket | None:
    """Return our mirror of a ticket."""
    return db.session.execute(select(Ticket).where(Ticket.remote_id == str(ticket.id))).scalar_one_or_none()
