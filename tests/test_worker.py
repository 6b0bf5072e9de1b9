"""Who wakes up to work: threads, RQ workers, and the sweep that finds what no bell was heard for."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from flask import Flask
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from sqlalchemy import func, select, text

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from kcs import worklist
from kcs.database import db
from kcs.errors import RemoteError
from kcs.extensions import QUEUE, ThreadBell
from kcs.outbox import services as outbox
from kcs.outbox.models import Effect
from kcs.ports import Provider
from kcs.tickets.models import Ticket
from kcs.tickets.services import add_connection
from kcs.worker import WorkerThreads, drain_all, sweep
from kcs.worklist import Claim, Worklist, WorkState
from tests.conftest import AppMaker
from tests.factories import make_connection
from tests.fakes import FakeDesk, fake_delivery
from tests.processes import PATIENCE, Product, until
from webhooks.models import Delivery

NOWHERE = "redis://127.0.0.1:1/0"
RARELY = "600"
OFTEN = "1"

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def deliver(app: Flask, desk: FakeDesk, *tickets: str) -> None:
    """Let customers write, and the desk tell us."""
    for ticket in tickets:
        desk.open_ticket(ticket)
        headers, body = fake_delivery(f"d-{ticket}", ticket)
        db.session.remove()
        assert app.test_client().post("/webhooks/acme", data=body, headers=headers).status_code == 202


def mirrored() -> int:
    """Return how many tickets are here now."""
    found = db.session.execute(select(func.count()).select_from(Ticket)).scalar_one()
    db.session.remove()
    return found


def states() -> list[WorkState]:
    """Return where each delivery stands now, oldest first; hints of the hourly look have no body."""
    sent = select(Delivery.state).where(Delivery.body != b"").order_by(Delivery.id)
    found = list(db.session.execute(sent).scalars())
    db.session.remove()
    return found


def connect() -> None:
    make_connection()
    db.session.commit()
    db.session.remove()


# ---- threads of `kcs serve` --------------------------------------------------------------------------------


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """Let the worker threads run."""
    threads = WorkerThreads(app)
    threads.start()
    try:
        yield
    finally:
        threads.stop(PATIENCE)


def test_threads_work_on_what_was_there_before_and_on_what_comes(app: Flask, desk: FakeDesk) -> None:
    connect()
    deliver(app, desk, "1", "2")
    with working(app):
        until(lambda: mirrored() == 2)
        deliver(app, desk, "3")
        until(lambda: mirrored() == 3)
    assert states() == [WorkState.DONE] * 3


class SilentBell(ThreadBell):
    """A bell that nobody hears."""

    def ring(self, worklist: str) -> None:
        """Do nothing."""


def test_a_row_nobody_rang_for_is_found_by_the_clock(app: Flask, desk: FakeDesk) -> None:
    connect()
    app.extensions["kcs.bell"] = SilentBell()
    with working(app):
        time.sleep(0.3)
        deliver(app, desk, "1")
        until(lambda: mirrored() == 1)


def test_one_list_at_a_standstill_does_not_stop_the_other(app: Flask, desk: FakeDesk) -> None:
    connect()
    begun, release = threading.Event(), threading.Event()

    def stuck(held: Claim) -> None:
        begun.set()
        assert release.wait(PATIENCE)
        worklist.finish(Effect, held)
        db.session.commit()

    lists: dict[str, Worklist] = app.extensions["kcs.worklists"]
    lists["outbox"] = replace(lists["outbox"], work=stuck)
    outbox.write("test", subject="thing", payload={})
    db.session.commit()
    with working(app):
        assert begun.wait(PATIENCE)
        deliver(app, desk, "1")
        until(lambda: mirrored() == 1)
        release.set()


def test_a_row_that_cannot_be_worked_on_stops_no_other(app: Flask, desk: FakeDesk) -> None:
    connect()
    deliver(app, desk, "1", "2")
    poison = desk.tickets["1"]
    desk.tickets["1"] = replace(poison, updated_at=poison.updated_at.replace(tzinfo=None))
    with working(app):
        until(lambda: mirrored() == 1)
    assert states() == [WorkState.WAITING, WorkState.DONE]


def test_threads_outlive_a_database_that_is_away(app: Flask, desk: FakeDesk) -> None:
    connect()

    def rename(before: str, after: str) -> None:
        db.session.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))
        db.session.commit()
        db.session.remove()

    rename("deliveries", "away")
    with working(app):
        time.sleep(0.5)
        rename("away", "deliveries")
        deliver(app, desk, "1")
        until(lambda: mirrored() == 1)


def test_stopping_finishes_the_row_at_hand_and_begins_no_other(app: Flask, desk: FakeDesk) -> None:
    connect()
    deliver(app, desk, "1", "2")
    begun, release, read = threading.Event(), threading.Event(), desk.read_ticket

    def slow(ticket_id: str) -> object:
        begun.set()
        assert release.wait(PATIENCE)
        return read(ticket_id)

    desk.read_ticket = slow  # type: ignore[method-assign, assignment]
    threads = WorkerThreads(app)
    threads.start()
    assert begun.wait(PATIENCE)
    threads.stop(0)
    release.set()
    threads.stop(PATIENCE)
    assert states() == [WorkState.DONE, WorkState.WAITING]


def test_a_ring_before_anybody_waits_is_heard_once() -> None:
    bell = ThreadBell()
    bell.ring("inbox")
    first, second = (
        threading.Thread(target=bell.wait, args=("inbox", float(RARELY)), daemon=True) for _ in range(2)
    )
    first.start()
    first.join(PATIENCE)
    assert not first.is_alive()
    second.start()
    second.join(0.2)
    assert second.is_alive()
    bell.ring("inbox")
    second.join(PATIENCE)
    assert not second.is_alive()


# ---- the bell in Redis -------------------------------------------------------------------------------------


@pytest.fixture
def redis_url(redis_url: str) -> Iterator[str]:
    """A database of this test run's own in the Redis for tests, so that no other worker listens there."""
    parts, number = urlsplit(redis_url), 1 + os.getpid() % 15
    on_a_port = parts._replace(path=f"/{number}").geturl()
    url = f"{redis_url}?db={number}" if parts.scheme == "unix" else on_a_port
    forget(url)
    yield url
    forget(url)


def forget(url: str) -> None:
    """Lose everything Redis knows of our work."""
    connection = redis.Redis.from_url(url)
    for pattern in ("kcs:bell:*", "rq:*"):
        for key in connection.scan_iter(pattern):
            connection.delete(key)
    connection.close()


@pytest.fixture
def ringing(make_app: AppMaker, redis_url: str) -> Iterator[Flask]:
    """An app with a bell in Redis."""
    app = make_app(REDIS_URL=redis_url)
    with app.app_context():
        connect()
        yield app
    app.extensions["kcs.bell"].connection.close()


def jobs(app: Flask) -> list[object]:
    """Return what waits in the queue, as it lies in Redis."""
    connection: redis.Redis = app.extensions["kcs.bell"].connection
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    stored = [connection.hget(f"rq:job:{job_id}", "data") for job_id in queue.job_ids]
    return [json.loads(zlib.decompress(data)) for data in stored if isinstance(data, bytes)]


INBOX_JOB: list[object] = ["kcs.worker.drain", None, ["inbox"], {}]
OUTBOX_JOB: list[object] = ["kcs.worker.drain", None, ["outbox"], {}]


def test_a_job_is_json_that_names_the_list_and_nothing_else(ringing: Flask, desk: FakeDesk) -> None:
    deliver(ringing, desk, "1")
    assert jobs(ringing) == [INBOX_JOB]


def test_a_change_that_is_rolled_back_rings_for_nobody(ringing: Flask) -> None:
    outbox.write("test", subject="thing", payload={})
    db.session.flush()
    db.session.rollback()
    assert jobs(ringing) == []
    outbox.write("test", subject="thing", payload={})
    db.session.commit()
    assert jobs(ringing) == [OUTBOX_JOB]


def test_any_number_of_rings_is_one_waiting_job(ringing: Flask, desk: FakeDesk) -> None:
    deliver(ringing, desk, *map(str, range(5)))
    assert jobs(ringing) == [INBOX_JOB]
    ringing.extensions["kcs.bell"].answered("inbox")
    deliver(ringing, desk, "5")
    assert jobs(ringing) == [INBOX_JOB, INBOX_JOB]


def test_a_drain_whose_time_is_over_rings_for_the_next(ringing: Flask, desk: FakeDesk) -> None:
    deliver(ringing, desk, "1")
    forget_jobs(ringing)
    assert drain_all(ringing, "inbox", seconds=0) == 0
    assert jobs(ringing) == [INBOX_JOB]


def forget_jobs(app: Flask) -> None:
    """Redis was emptied, or its memory was lost."""
    for key in app.extensions["kcs.bell"].connection.scan_iter("*:*"):
        app.extensions["kcs.bell"].connection.delete(key)


def forget_job_but_not_ring(app: Flask) -> None:
    """The job was lost on its way; the note that it waits was not."""
    app.extensions["kcs.bell"].queue.empty()


@pytest.mark.parametrize("lose", [forget_jobs, forget_job_but_not_ring])
def test_the_sweep_rings_again_for_what_redis_lost(
    ringing: Flask, desk: FakeDesk, lose: Callable[[Flask], None]
) -> None:
    deliver(ringing, desk, "1", "2")
    lose(ringing)
    assert jobs(ringing) == []
    assert sweep(ringing) == {"inbox": 2, "outbox": 0}
    assert jobs(ringing) == [INBOX_JOB]
    assert states() == [WorkState.WAITING] * 2


def test_the_sweep_rings_for_nobody_when_nothing_is_due(ringing: Flask) -> None:
    assert sweep(ringing) == {"inbox": 0, "outbox": 0}
    assert jobs(ringing) == []


def test_without_redis_webhooks_are_taken_and_the_sweep_does_the_work(
    make_app: AppMaker, desk: FakeDesk
) -> None:
    app = make_app(REDIS_URL=NOWHERE)
    with app.app_context():
        connect()
        deliver(app, desk, "1", "2")
        assert states() == [WorkState.WAITING] * 2
        assert sweep(app) == {"inbox": 2, "outbox": 0}
        assert states() == [WorkState.DONE] * 2
        assert mirrored() == 2


def test_the_sweep_leaves_what_is_not_due(app: Flask, desk: FakeDesk) -> None:
    connect()
    deliver(app, desk, "1")
    desk.problem = RemoteError("busy", permanent=False, retry_after=60)
    drain_all(app, "inbox")
    assert sweep(app) == {"inbox": 0, "outbox": 0}


# ---- `kcs worker` ------------------------------------------------------------------------------------------


class Company:
    """PostgreSQL, Redis, a desk on a port, and `kcs worker` processes."""

    def __init__(self, make_app: AppMaker, desk: EmulatorServer, product: Product) -> None:
        self._make_app, self._desk, self.product = make_app, desk, product
        self.emulator = desk.emulator
        self.connection = redis.Redis.from_url(product.redis_url or "")
        self._customer = self.emulator.add_user("Maria", "maria@customer.example", "end-user")
        self._looking = self._app()
        with self._looking.app_context():
            add_connection(
                "acme",
                provider="zendesk",
                subdomain="acme",
                token=self.emulator.token,
                webhook_secret=self.emulator.outbox.secret,
                api_base=desk.api_base,
            )
            db.session.commit()

    def _app(self, **variables: str) -> Flask:
        providers: dict[str, Provider] = {"zendesk": ZendeskProvider()}
        return self._make_app(providers, **variables)

    def start(self, processes: int, sweep_seconds: str) -> int:
        """Start the supervisor, wait for its RQ workers; return its process id."""
        self.product.settings["SWEEP_SECONDS"] = sweep_seconds
        process = self.product.start("worker", "--processes", str(processes))
        until(lambda: len(self.workers()) == processes, what="the workers' start")
        return process.pid

    def workers(self) -> set[int]:
        """Return the process ids of the RQ workers that wait for a job."""
        found = Worker.all(connection=self.connection, serializer=JSONSerializer)
        return {worker.pid for worker in found if worker.pid and worker.get_state() == WorkerStatus.IDLE}

    def receive(self, tickets: int, *, rings: bool) -> None:
        """Take in as many new tickets, with a bell or with none that anybody hears."""
        app = self._app(**({"REDIS_URL": self.product.redis_url or ""} if rings else {}))
        for number in range(tickets):
            self.emulator.create_ticket(self._customer, f"Card {number}", "Where is it?")
        with app.app_context():
            for delivery in self.emulator.take_deliveries():
                headers, body = self.emulator.sign(delivery)
                answer = app.test_client().post("/webhooks/acme", data=body, headers=headers)
                assert answer.status_code == 202
        if rings:
            app.extensions["kcs.bell"].connection.close()

    def has_mirrored(self, tickets: int) -> bool:
        with self._looking.app_context():
            return mirrored() == tickets and set(states()) == {WorkState.DONE}


@pytest.fixture
def company(make_app: AppMaker, database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Company]:
    """An installation as a company runs it, with no worker started yet."""
    product = Product(tmp_path, database_url, redis_url)
    with EmulatorServer(Emulator()) as desk:
        made = Company(make_app, desk, product)
        try:
            yield made
        finally:
            product.kill_all()
            made.connection.close()


@on_postgresql
@pytest.mark.long
def test_workers_do_what_the_bell_rings_for(company: Company) -> None:
    company.start(2, RARELY)
    company.receive(5, rings=True)
    until(lambda: company.has_mirrored(5))


@on_postgresql
@pytest.mark.long
def test_workers_do_what_only_the_sweep_can_find(company: Company) -> None:
    company.receive(2, rings=False)
    company.start(1, OFTEN)
    until(lambda: company.has_mirrored(2))
    company.receive(3, rings=False)
    until(lambda: company.has_mirrored(5))


@on_postgresql
@pytest.mark.long
def test_a_worker_that_was_killed_is_replaced(company: Company) -> None:
    company.start(1, OFTEN)
    [pid] = company.workers()
    os.kill(pid, signal.SIGKILL)
    until(lambda: company.workers() - {pid}, what="another worker's start")
    company.receive(1, rings=True)
    until(lambda: company.has_mirrored(1))


@on_postgresql
@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_its_supervisor(company: Company, how: signal.Signals) -> None:
    supervisor = company.start(2, RARELY)
    workers = company.workers()
    os.kill(supervisor, how)
    status = company.product.running["worker"].wait(PATIENCE)
    assert status == (0 if how is signal.SIGTERM else -signal.SIGKILL)
    until(lambda: all(map(is_gone, workers)), what="the workers' end")


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended; one whose parent has not looked yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
