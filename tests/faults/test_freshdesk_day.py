"""A day at Freshdesk with all that can happen there, every fifth call failing, a tenth of what it sends lost.

In the end our mirror, states, links and credits are what the desk says, to the last ticket, as far as it can
be known, and no call of ours was one too many for the account.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import click
import pytest
from flask import Flask
from sqlalchemy import select

from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.records import Ticket as DeskTicket
from integrations.freshdesk.emulator.records import plain
from integrations.freshdesk.provider import FreshdeskProvider
from kcs.activity.models import Activity
from kcs.database import db
from kcs.demo.team import issue_tokens
from kcs.people import services as people
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.solving.queries import present_links
from kcs.tickets.accounts import credentials_of
from kcs.tickets.models import Message, Ticket
from kcs.tickets.services import add_connection
from tests.conftest import AppMaker
from tests.factories import make_article
from tests.faults import days
from tests.faults.freshdesk_day import LIVES, Cast, Life, Scene, all_tickets
from tests.faults.freshdesk_truth import desk_status, heard_moves, known_of, solvings
from tests.processes import Product
from workflow.article import ArticleState
from workflow.permissions import Licence

pytestmark = pytest.mark.long

CONNECTION = "fresh"
TICKETS = int(os.environ.get("KCS_TEST_DAY_TICKETS", "56"))
AGENTS = [f"{name}@example.com" for name in ("ana", "ben", "chi", "dov", "eva", "finn", "gil", "hana")]
HOURS_BEFORE = timedelta(hours=20)
WITHIN = timedelta(hours=4)
SEED = int(os.environ.get("KCS_TEST_DAY_SEED", "3"))
FAULTS, LOST, REPEATED = 0.2, 0.1, 0.1
PER_MINUTE, PER_TICKET_AND_HOUR = 700, 5


@pytest.fixture
def app(make_app: AppMaker) -> Iterator[Flask]:
    """The same database, looked at from this process."""
    app = make_app({"freshdesk": FreshdeskProvider()})
    with app.app_context():
        yield app


@pytest.fixture
def desk() -> Emulator:
    """An account of the largest plan, whose clock is moved on from this morning."""
    made = Emulator(start=datetime.now(UTC) - HOURS_BEFORE)
    made.limits.on(account=PER_MINUTE, hour=TICKETS * PER_TICKET_AND_HOUR)
    return made


class Day:
    """The account, the product beside it, and what goes on between them."""

    def __init__(self, desk: Emulator, server: EmulatorServer, app: Flask, product: Product) -> None:
        self.desk, self.app, self.product = desk, app, product
        agents = {email: people.add_agent(email, email, licence=Licence.CONTRIBUTOR) for email in AGENTS}
        articles = [make_article(ArticleState.VALIDATED, key=f"KB-{n}").key for n in range(20)]
        self.connection_id = self._connect(server.api_base)
        self.colleagues = days.Colleagues(product.base_url, issue_tokens(agents))
        db.session.commit()
        db.session.remove()
        self.cast = Cast(desk, CONNECTION, AGENTS, articles)
        self.found = 0

    def _connect(self, api_base: str) -> int:
        """Connect as an administrator does: the key here, the rules and the app's settings there."""
        connection = add_connection(
            CONNECTION, provider="freshdesk", subdomain="acme", token=self.desk.key, api_base=api_base
        )
        connection.created_at -= 2 * HOURS_BEFORE
        db.session.commit()
        provider = self.app.extensions["kcs.providers"]["freshdesk"]
        credentials = credentials_of(connection, provider)
        db.session.commit()
        endpoint = f"{self.product.base_url}/webhooks/{CONNECTION}"
        secret = provider.webhooks(credentials).install(CONNECTION, endpoint).secret
        connection.webhook_secret = secret
        self.desk.add_rules(endpoint, secret)
        self.desk.install_app(endpoint, secret)
        return connection.id

    def deliver(self) -> None:
        """Let the desk send what it has, retries and later hours too, and wait until it is worked on."""
        self.desk.deliver_all(WITHIN)
        days.settle(self.app)

    def play(self) -> list[tuple[Life, Scene]]:
        """Live through it; before the product is up, what is sent fails, and comes again."""
        self.desk.faults.chance(FAULTS, seed=SEED, retry_after="0")
        self.desk.outbox.chance(lose=LOST, repeat=REPEATED, shuffle=True, seed=SEED + 1)
        self.desk.outbox.app_chance(lose=LOST, repeat=REPEATED, shuffle=True, seed=SEED + 2)
        played = self.cast.morning(TICKETS)
        self.desk.deliver()
        days.start(self.product)
        self.deliver()
        self.found = days.reconcile(self.app, self.connection_id)
        for life, scene in played:
            self.cast.do(self.colleagues, scene, life.noon)
        self._evening(played)
        self.found += days.reconcile(self.app, self.connection_id)
        self.cast.put_away()
        self.deliver()
        for life, scene in played:
            self.cast.do(self.colleagues, scene, life.night)
        days.settle(self.app)
        return played

    def _evening(self, played: list[tuple[Life, Scene]]) -> None:
        """Read after the first act of each life; what follows goes on between two readings."""
        self.cast.evening(played, 0)
        self.deliver()
        number = 1
        while self.cast.evening(played, number):
            number += 1
        self.deliver()


@pytest.fixture
def day(desk: Emulator, app: Flask, product: Product) -> Iterator[Day]:
    """A day about to begin."""
    with EmulatorServer(desk) as server:
        yield Day(desk, server, app, product)


def test_after_the_storm_everything_is_as_the_desk_says_as_far_as_it_can_be_known(day: Day) -> None:
    begun = time.monotonic()
    played = day.play()
    tell(day, played, time.monotonic() - begun)
    tickets = list(all_tickets(played, day.cast))
    assert [mirror(ticket) for ticket in tickets] == [truth(ticket, day.desk) for ticket in tickets]
    assert [outcome(scene.ticket) for _, scene in played] == [expected(life, scene) for life, scene in played]
    assert wrong_credits(day, [scene.ticket for _, scene in played]) == []
    assert day.desk.limits.ours == []
    assert max(day.desk.limits.real.peaks.values()) <= PER_MINUTE
    counts = day.desk.outbox.counts
    assert counts["lost"]
    assert counts["deferred"]
    assert day.desk.clock() <= datetime.now(UTC)


def tell(day: Day, played: list[tuple[Life, Scene]], took: float) -> None:
    """Print what it was like."""
    desk, limits = day.desk, day.desk.limits
    ends = Counter((sent.delivery.source, sent.end or "waiting") for sent in desk.outbox.all)
    known = [known_of(scene.ticket, desk, heard_moves(desk), set(AGENTS)) for _, scene in played]
    inferred = sum(each.inferred for each in known)
    told = sum(each.solvers != {None} and not each.inferred for each in known)
    there = sum(solvings(scene.ticket) for _, scene in played)
    click.echo(f"\n{len(played)} tickets of {len(LIVES)} lives in {took:.0f} s")
    click.echo(f"faults shown: {dict(desk.faults.shown)}")
    click.echo(f"what was sent: {dict(ends)}; deferred to another hour: {desk.outbox.counts['deferred']}")
    click.echo(f"tickets found behind by reconciling: {day.found}")
    click.echo(f"calls: {desk.calls.total()}; fullest minutes: {dict(limits.windows.peaks)}")
    click.echo(f"our fullest minute in real time: {dict(limits.real.peaks)} of {PER_MINUTE}")
    click.echo(f"refused: {len(limits.windows.refusals)}, by our own doing: {len(limits.ours)}")
    click.echo(f"solvers: {told} told, {inferred} inferred; solvings: {there} there, {solvings_here()} here")


def solvings_here() -> int:
    """Return how often a ticket was solved as far as we know; a credit given anew is no other solving."""
    rows = db.session.execute(select(Activity.detail).where(Activity.kind == "ticket.solve")).scalars()
    return sum((detail or {}).get("reason") != "credited" for detail in rows)


def mirror(ticket: DeskTicket) -> tuple[object, ...]:
    """What we hold of a ticket."""
    ours = ours_of(ticket)
    if ours is None or ours.status is DeskStatus.DELETED:
        return (ticket.id, DeskStatus.DELETED)
    messages = db.session.execute(select(Message).where(Message.ticket_id == ours.id)).scalars()
    texts = sorted((each.remote_id, each.body, each.public) for each in messages)
    assignee = ours.assignee.email if ours.assignee else None
    return (ticket.id, ours.status, ours.subject, assignee, sorted(ours.tags), texts)


def truth(ticket: DeskTicket, desk: Emulator) -> tuple[object, ...]:
    """What the desk holds of it; its description is the first message."""
    if desk_status(ticket) is DeskStatus.DELETED:
        return (ticket.id, DeskStatus.DELETED)
    said = [(str(each.id), plain(each.body), not each.private) for each in ticket.conversations]
    texts = sorted([("description", plain(ticket.description), True), *said])
    assignee = desk.desk.agents[ticket.responder_id].email if ticket.responder_id else None
    return (ticket.id, desk_status(ticket), ticket.subject, assignee, sorted(ticket.tags), texts)


def outcome(ticket: DeskTicket) -> tuple[object, ...]:
    """State, status and links of a ticket here."""
    ours = ours_of(ticket)
    if ours is None:
        return (ticket.id, "not here")
    if ours.status is DeskStatus.DELETED:
        # Whether it was solved before, nobody can be asked any more.
        return (ticket.id, DeskStatus.DELETED)
    linked = sorted(link.id for link in present_links(ours) if link.source.value != "created")
    return (ticket.id, ours.knowledge_state, ours.status, linked)


def expected(life: Life, scene: Scene) -> tuple[object, ...]:
    """What its life comes to."""
    number, status = scene.ticket.id, desk_status(scene.ticket)
    if status is DeskStatus.DELETED:
        return (number, DeskStatus.DELETED)
    linked = [scene.cast.links[number]] if number in scene.cast.links else []
    return (number, life.knowledge, status, linked)


def wrong_credits(day: Day, tickets: Iterable[DeskTicket]) -> list[tuple[object, ...]]:
    """Return the tickets whose solver here is not whom the desk's log, as far as it was heard, makes it."""
    heard, wrong = heard_moves(day.desk), list[tuple[object, ...]]()
    for ticket in tickets:
        ours = ours_of(ticket)
        if ours is None or ours.status is DeskStatus.DELETED:
            continue
        known = known_of(ticket, day.desk, heard, set(AGENTS))
        solver = db.session.get(Agent, ours.solver_id) if ours.solver_id else None
        credited = solver.email if solver else None
        if credited not in known.solvers or ours.solver_inferred is not known.inferred:
            wrong.append((ticket.id, credited, ours.solver_inferred, known))
    return wrong


def ours_of(ticket: DeskTicket) -> Ticket | None:
    """Return our mirror of a ticket."""
    return db.session.execute(select(Ticket).where(Ticket.remote_id == str(ticket.id))).scalar_one_or_none()
