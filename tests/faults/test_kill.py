"""`kill -9` in the middle of the work, again and again: nothing is lost, nothing is done twice."""

from __future__ import annotations

import itertools
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
from kcs.chores import ChoreRow
from kcs.database import db
from kcs.demo import comparison, stage
from kcs.demo.commands import open_rows
from kcs.demo.questions import expected_report, read_questions
from kcs.demo.stage import CONNECTION
from kcs.tickets.models import Ticket
from kcs.worklist import WorkState
from tests.demo.test_replay import odd_logs
from tests.factories import make_agent, make_article
from tests.faults import plays
from tests.processes import PATIENCE, Product, until
from webhooks.models import Delivery
from workflow.article import ArticleState

pytestmark = pytest.mark.long

QUESTIONS = 100
KILLS = 6
LIFE = 90


class Killer:
    """Kills a process in turn once it got so much done, and starts it again, until enough met open work."""

    def __init__(self, product: Product, app: Flask) -> None:
        self._product, self._app = product, app
        self._over = threading.Event()
        self._dice = random.Random(2)
        self.open_at_kills: list[int] = []

    @property
    def met_open_work(self) -> int:
        """How many kills hit rows that were waiting or worked on."""
        return sum(1 for rows in self.open_at_kills if rows)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Kill as long as the block lasts."""
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(PATIENCE)

    def _run(self) -> None:
        victims = itertools.cycle(list(self._product.running))
        while self.met_open_work < KILLS and self._lives():
            victim = next(victims)
            # Stopped first, so that what is open at the kill can be counted.
            self._product.signal(victim, signal.SIGSTOP)
            self.open_at_kills.append(open_rows(self._app))
            self._product.kill(victim)
            self._product.start(victim)
            until(lambda: self._over.is_set() or self._product.is_ready())

    def _lives(self) -> bool:
        """Let the processes get something done, however slow the machine; False when the play is over."""
        enough = committed(self._app) + LIFE
        while committed(self._app) < enough:
            if self._over.wait(0.05):
                return False
        return not self._over.wait(self._dice.uniform(0, 0.2))


def committed(app: Flask) -> int:
    """Return how much was done: finished deliveries and lines in the log."""
    with app.app_context(), database.reading():
        done = select(func.count()).select_from(Delivery).where(Delivery.state == WorkState.DONE)
        logged = select(func.count()).select_from(Activity)
        return db.session.execute(done).scalar_one() + db.session.execute(logged).scalar_one()


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
    assert killer.met_open_work >= 4, f"open rows at the kills: {killer.open_at_kills}"
    assert comparison.differences(played.expected_states(), expected_report(asked)) == []
    assert odd_logs(played, asked) == []
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


def test_a_worker_stopped_past_its_lease_has_one_effect(
    app: Flask, product: Product, desk: Emulator, desk_server: EmulatorServer, tmp_path: Path
) -> None:
    connect(desk, desk_server)
    working = "worker" if product.redis_url else "serve"
    with two_workers(product, tmp_path / "other") as (slow, quick):
        slow.start(working)
        serve(slow)
        until(lambda: chores_done(app), what="the first chores")  # a stopped one would keep SQLite's lock
        desk.faults.add(r"/tickets/1$", status=200, delay=3.0)
        solved_ticket(desk)
        for delivery in desk.take_deliveries():
            headers, body = desk.sign(delivery)
            endpoint = f"{slow.base_url}/webhooks/{CONNECTION}"
            assert requests.post(endpoint, data=body, headers=headers, timeout=PATIENCE).ok
        until(lambda: desk.calls.total(r"/tickets/1$"), what="the first reading")
        slow.signal(working, signal.SIGSTOP)
        quick.start(working)
        until(lambda: unfinished(app) == 0, what="the take-over")
        slow.signal(working, signal.SIGCONT)
        until(lambda: "lease_lost" in slow.output, what="the stopped worker's refusal")
        time.sleep(1)
    assert solves(app) == 1
    with app.app_context(), database.reading():
        assert db.session.execute(select(func.count()).select_from(Ticket)).scalar_one() == 1
        assert max(db.session.execute(select(Delivery.fence)).scalars()) == 2


def chores_done(app: Flask) -> bool:
    """Tell whether every chore has had its first turn: none writes until the next sweep."""
    with app.app_context(), database.reading():
        due = db.session.execute(select(ChoreRow.due_at)).scalars().all()
        return len(due) == len(app.extensions["kcs.chores"]) and min(due) > database.now()


def connect(desk: Emulator, desk_server: EmulatorServer) -> None:
    make_agent(email="ada@acme.example")
    stage.connect(desk, desk_server.api_base)
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
    until(lambda: desk.guide.articles, what="the create")
    product.kill(working)
    product.start(working)
    until(lambda: open_rows(app) == 0, what="the second attempt")
    assert len(desk.guide.articles) == 1
    assert [article.live for article in desk.guide.articles.values()] == [True]
