"""A team with two desks has one knowledge base and one link rate, and sees which desk it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from integrations.freshdesk.emulator import Emulator as FreshdeskAccount
from integrations.freshdesk.emulator import EmulatorServer as FreshdeskServer
from integrations.freshdesk.provider import FreshdeskProvider
from integrations.zendesk.emulator import Emulator as ZendeskAccount
from integrations.zendesk.emulator import EmulatorServer as ZendeskServer
from integrations.zendesk.provider import ZendeskProvider
from kcs.articles.trust import solved_counts
from kcs.database import db
from kcs.metrics.model import Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports.link_rate import REPORT
from kcs.metrics.services import Asked, compute, items
from kcs.people.models import Agent, Identity
from kcs.solving import services
from kcs.syncing.hints import Desks
from kcs.syncing.people import sync_people
from kcs.tickets.models import Ticket
from kcs.tickets.queries import get_connection
from kcs.tickets.services import add_connection
from kcs.worklist import drain
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article
from webhooks.services import hint

NOW = datetime.now(UTC)


@pytest.fixture
def desks() -> Iterator[tuple[ZendeskAccount, str, FreshdeskAccount, str]]:
    """Both accounts; Ann works on both, a customer wrote to each, and Ann solved both."""
    zendesk, freshdesk = ZendeskAccount(), FreshdeskAccount(start=NOW - timedelta(hours=2))
    with ExitStack() as stack:
        first = stack.enter_context(ZendeskServer(zendesk))
        second = stack.enter_context(FreshdeskServer(freshdesk))
        yield zendesk, first.api_base, freshdesk, second.api_base


@pytest.fixture
def app(make_app: AppMaker, desks: tuple[ZendeskAccount, str, FreshdeskAccount, str]) -> Iterator[Flask]:
    zendesk, zendesk_base, freshdesk, freshdesk_base = desks
    app = make_app({"zendesk": ZendeskProvider(), "freshdesk": FreshdeskProvider()})
    with app.app_context():
        make_agent(email="ann@acme.example")
        add_connection(
            "zen", provider="zendesk", subdomain="acme", token=zendesk.token, api_base=zendesk_base
        )
        add_connection(
            "fresh", provider="freshdesk", subdomain="acme", token=freshdesk.key, api_base=freshdesk_base
        )
        db.session.commit()
        yield app


def work(app: Flask) -> dict[str, Ticket]:
    """Read both tickets; return them by connection."""
    for name in ("zen", "fresh"):
        hint(get_connection(name).id, "1", "test", str(datetime.now(UTC)))
    db.session.commit()
    db.session.remove()
    drain(app.extensions["kcs.worklists"]["inbox"], limit=100)
    db.session.remove()
    return {each.connection.name: each for each in db.session.execute(select(Ticket)).scalars()}


def test_one_article_two_reuses_one_link_rate(
    app: Flask, desks: tuple[ZendeskAccount, str, FreshdeskAccount, str]
) -> None:
    zendesk, _, freshdesk, _ = desks
    ann_there = zendesk.add_user("Ann", "ann@acme.example", "agent")
    ann_here = freshdesk.add_agent("Ann", "ann@acme.example")
    first = zendesk.create_ticket(
        zendesk.add_user("Carl", "carl@home.example", "end-user"), "Mute", "No sound."
    )
    second = freshdesk.create_ticket(
        freshdesk.add_contact("Dora", "dora@home.example"), "Silent", "No sound."
    )
    freshdesk.assign(second, ann_here, ann_here)
    known: Desks = app.extensions["kcs.desks"]
    for name in ("zen", "fresh"):
        sync_people(known, get_connection(name).id)
    of_ann = select(Identity.connection_id).join(Agent).where(Agent.email == "ann@acme.example")
    assert len(set(db.session.execute(of_ann).scalars())) == 2, "one colleague at two desks is one agent"

    found, article = work(app), make_article()
    ann = db.session.execute(select(Agent).where(Agent.email == "ann@acme.example")).scalar_one()
    for ticket in found.values():
        services.link_article(ticket, article, by=ann)
    db.session.commit()
    assert solved_counts([article.id]) == {article.id: 2}

    freshdesk.advance(timedelta(minutes=10))
    zendesk.set_status(first, ann_there, "solved")
    freshdesk.set_status(second, ann_here, 4)
    found = work(app)
    assert {name: each.solver_inferred for name, each in found.items()} == {"zen": False, "fresh": True}
    window = Window(NOW - timedelta(days=2), NOW + timedelta(days=2), ZoneInfo("UTC"))
    by_agent = compute(REPORT, Asked(window, Segment.AGENT, EVERYBODY))
    assert [(row.label, row.figures["solved"], row.figures["link_rate"]) for row in by_agent.rows] == [
        ("Ann", 2, 1)
    ]
    by_desk = compute(REPORT, Asked(window, Segment.DESK, EVERYBODY))
    split = {
        row.label: tuple(row.figures[name] for name in ("solved", "linked", "inferred"))
        for row in by_desk.rows
    }
    assert split == {"fresh": (1, 1, 1), "zen": (1, 1, 0)}
    assert by_desk.total.figures == by_agent.total.figures
    for row in by_desk.rows:
        found_there = items(REPORT, Asked(window, Segment.DESK, EVERYBODY, only=row.only), "linked")
        desks_of = [each.cells["connection"] for each in found_there.page.items]
        assert (desks_of, found_there.who) == ([row.label], row.label)
    inferred = items(REPORT, Asked(window, Segment.DESK, EVERYBODY), "inferred")
    assert [each.cells["connection"] for each in inferred.page.items] == ["fresh"]
