"""What wakes up to work: the drain that RQ calls, the threads of `kcs serve`, and the sweep."""

from __future__ import annotations

import threading
import time
from functools import cache

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from kcs import chores, database, worklist
from kcs.app import create_app
from kcs.database import db
from kcs.extensions import RedisBell, ThreadBell
from kcs.worklist import Worklist

log = structlog.get_logger()

MANY = 10_000
POLL_SECONDS = 2.0
PAUSE_AFTER_ERROR = 3.0


@cache
def worker_app() -> Flask:
    """Return the app of an RQ worker, made once before it forks; it must not touch the database there."""
    return create_app()


def drain(name: str) -> int:
    """Work through a worklist: the RQ job, in a work-horse process of its own."""
    app = worker_app()
    bell = app.extensions["kcs.bell"]
    if isinstance(bell, RedisBell):
        bell.answered(name)
    with app.app_context():
        return drain_all(app, name)


def drain_all(app: Flask, name: str, *, seconds: float = 60.0) -> int:
    """Drain until nothing is due or `seconds` are over; then ring for whoever comes next."""
    work: Worklist = app.extensions["kcs.worklists"][name]
    until = time.monotonic() + seconds
    total = worklist.drain(work, limit=MANY, go_on=lambda: time.monotonic() < until)
    if time.monotonic() >= until or total == MANY:
        app.extensions["kcs.bell"].ring(name)
    return total


def sweep(app: Flask) -> dict[str, int]:
    """Ring for every worklist with due rows, also those whose lease ran out; return how many are due.

    Then do the chores whose time has come.

    Without Redis behind the bell the sweep does the work itself, so losing Redis delays nothing for long.
    """
    due: dict[str, int] = {}
    bell = app.extensions["kcs.bell"]
    with app.app_context():
        for name, work in app.extensions["kcs.worklists"].items():
            with database.reading():
                due[name] = worklist.due_count(work.model)
            if due[name] and isinstance(bell, RedisBell):
                bell.answered(name)
                if not bell.reachable():
                    drain_all(app, name, seconds=10)
            if due[name]:
                bell.ring(name)
        chores.run_due(app.extensions["kcs.chores"])
        db.session.remove()
    return due


class WorkerThreads:
    """The workers inside `kcs serve`: one thread for each worklist, woken by the bell or by the clock.

    One more does the chores.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(name,), name=f"kcs-{name}", daemon=True)
            for name in app.extensions["kcs.worklists"]
        ]
        self._threads.append(threading.Thread(target=self._do_chores, name="kcs-chores", daemon=True))

    def start(self) -> None:
        """Start draining."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Finish the row at hand, then stop."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(seconds)

    def _run(self, name: str) -> None:
        bell: ThreadBell = self._app.extensions["kcs.bell"]
        work: Worklist = self._app.extensions["kcs.worklists"][name]
        while not self._stopping.is_set():
            try:
                done = self._drain(work)
            except SQLAlchemyError as error:
                # The database is away, perhaps even for a rollback: the rows stay, and so must the thread.
                log.warning("drain_interrupted", table=work.model.__tablename__, reason=str(error)[:300])
                self._stopping.wait(PAUSE_AFTER_ERROR)
                continue
            if not done:
                bell.wait(name, POLL_SECONDS)

    def _do_chores(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._app.app_context():
                    chores.run_due(self._app.extensions["kcs.chores"])
            except SQLAlchemyError as error:
                log.warning("chores_interrupted", reason=str(error)[:300])
            self._stopping.wait(self._app.config["KCS"].sweep_seconds)

    def _drain(self, work: Worklist) -> int:
        with self._app.app_context():
            with database.reading():
                due = worklist.due_count(work.model, limit=1)
            return worklist.drain(work, go_on=lambda: not self._stopping.is_set()) if due else 0
