"""`kill -9` in the middle of the work, again and again: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from flask import Flask
from sqlalchemy import func, select

from integrations.zendesk.emulator import Emulator, EmulatorServer
from kcs import database
from kcs.activity.models import Activity
from kcs.database import db
from kcs.demo import comparison
from kcs.demo.commands import open_rows
from kcs.demo.questions import expected_report, read_questions
from kcs.demo.stage import CONNECTION
from kcs.publishing.models import Target
from kcs.tickets.models import Ticket
from kcs.tickets.services import add_connection
from kcs.worklist import WorkState
from tests.factories import make_agent, make_article
from tests.faults import plays
from tests.processes import Product, until
from webhooks.models import Delivery
from workflow.article import ArticleState

pytestmark = pytest.mark.faults

QUESTIONS = 100
KILLS = 4


class Killer:
    """Lets the processes live two to three seconds, kills one in turn, starts it again."""

    def __init__(self, product: Product, app: Flask) -> None:
        self._product, self._app = product, app
        self._over = threading.Event()
        self._dice = random.Random(2)
        self.open_at_kills: list[int] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Kill as long as the block lasts."""
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(60)

    def _run(self) -> None:
        victims = list(self._product.running)
        while not self._over.wait(self._dice.uniform(2, 3)):
            victim = victims[len(self.open_at_kills) % len(victims)]
            self.open_at_kills.append(open_rows(self._app))
            self._product.kill(victim)
            self._product.start(victim)
            until(lambda: self._over.is_set() or self._product.is_ready(), 60)


def test_a_replay_under_kill_9_ends_exactly_as_planned(
    app: Flask, product: Product, desk: Emulator, desk_server: EmulatorServer, banking: Path
) -> None:
    asked = read_questions(banking, QUESTIONS)
    tokens = plays.prepare(desk, desk_server.api_base, banking)
    product.start("serve")
    if product.redis_url:
        product.start("worker")
    product.wait_until_ready()
    killer = Killer(product, app)
    with killer.at_work():
        played = plays.replay(desk, product.base_url, tokens, asked, lambda: open_rows(app))
    assert len(killer.open_at_kills) >= KILLS
    assert any(killer.open_at_kills), "no kill met open work: the drill proved nothing"
    assert comparison.differences(played.expected_states(), expected_report(asked)) == []
    assert unfinished(app) == 0
    assert "Traceback" not in product.output


def unfinished(app: Flask) -> int:
    """Return how many rows did not end as done."""
    with app.app_context(), database.reading():
        query = select(func.count()).select_from(Delivery).where(Delivery.state != WorkState.DONE)
        return db.session.execute(query).scalar_one()


# ---- stopped past its lease --------------------------------------------------------------------------------


@contextmanager
def two_workers(product: Product, folder: Path) -> Iterator[tuple[Product, Product]]:
    """Run two products on one database; where Redis is used only their workers work."""
    folder.mkdir()
    other = Product(folder, product.database_url, product.redis_url, product.settings)
    try:
        yield product, other
    finally:
        other.kill_all()


def stop(process: int) -> None:
    os.killpg(process, signal.SIGSTOP)


def go_on(process: int) -> None:
    os.killpg(process, signal.SIGCONT)


def test_a_worker_stopped_past_its_lease_has_one_effect(
    app: Flask, product: Product, desk: Emulator, desk_server: EmulatorServer, tmp_path: Path
) -> None:
    connect(desk, desk_server)
    working = "worker" if product.redis_url else "serve"
    with two_workers(product, tmp_path / "other") as (slow, quick):
        process = slow.start(working)
        serve(slow)
        desk.faults.add(r"/tickets/1$", status=200, delay=3.0)
        solved_ticket(desk)
        for delivery in desk.take_deliveries():
            headers, body = desk.sign(delivery)
            assert requests.post(slow.base_url + f"/webhooks/{CONNECTION}", data=body, headers=headers, timeout=20).ok
        until(lambda: desk.calls.total(r"/tickets/1$"), what="the first reading")
        stop(process.pid)
        quick.start(working)
        until(lambda: unfinished(app) == 0, 60, "the take-over")
        go_on(process.pid)
        until(lambda: "lease_lost" in slow.output, 60, "the stopped worker's refusal")
        time.sleep(1)
    assert solves(app) == 1
    with app.app_context(), database.reading():
        assert db.session.execute(select(func.count()).select_from(Ticket)).scalar_one() == 1
        assert max(db.session.execute(select(Delivery.fence)).scalars()) == 2


def connect(desk: Emulator, desk_server: EmulatorServer) -> None:
    make_agent(email="ada@acme.example")
    connection = add_connection(
        CONNECTION,
        provider="zendesk",
        subdomain=desk.account,
        token=desk.token,
        webhook_secret=desk.outbox.secret,
        api_base=desk_server.api_base,
    )
    settings = {"section_id": str(desk.add_section("Answers").id), "permission_group_id": "1"}
    db.session.add(Target(connection_id=connection.id, locale="en-us", settings=settings))
    db.session.commit()
    db.session.remove()


def serve(product: Product) -> None:
    if "serve" not in product.running:
        product.start("serve")
    product.wait_until_ready()


def solved_ticket(desk: Emulator) -> None:
    customer = desk.add_user("Maria", "maria@customer.example", "end-user")
    agent = desk.add_user("Ada", "ada@acme.example", "agent")
    ticket = desk.create_ticket(customer, "Card not arrived", "Where is it?")
    desk.set_status(ticket, agent, "solved")


def solves(app: Flask) -> int:
    with app.app_context(), database.reading():
        query = select(func.count()).select_from(Activity).where(Activity.kind == "ticket.solve")
        return db.session.execute(query).scalar_one()


def test_a_publisher_killed_between_create_and_answer_makes_one_article(
    app: Flask, product: Product, desk: Emulator, desk_server: EmulatorServer
) -> None:
    connect(desk, desk_server)
    working = "worker" if product.redis_url else "serve"
    desk.faults.add("/articles", method="POST", status=200, delay=5.0, after_effect=True)
    make_article(ArticleState.PUBLISHED)
    db.session.commit()
    db.session.remove()
    product.start(working)
    until(lambda: desk.guide.articles, 60, "the create")
    product.kill(working)
    product.start(working)
    until(lambda: open_rows(app) == 0, 60, "the second attempt")
    assert len(desk.guide.articles) == 1
    assert [article.live for article in desk.guide.articles.values()] == [True]
