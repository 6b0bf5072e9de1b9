"""`kcs serve`, `kcs worker`, `kcs db`: the processes of an installation."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import click
import flask_migrate
import redis
import structlog
from flask import Flask, current_app
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError
from waitress.server import create_server

from kcs.collecting import keep_what_is_loaded
from kcs.config import Settings
from kcs.database import db
from kcs.errors import ConfigError
from kcs.extensions import QUEUE
from kcs.live.hub import Hub
from kcs.people.queries import has_sample_people
from kcs.worker import WorkerThreads, sweep, worker_app

log = structlog.get_logger()

THREADS = 8
PARENT_POLL = 2.0


@click.command()
@click.option("--host", help="Address to listen on.  [default: from KCS_BASE_URL when it is this machine]")
@click.option("--port", type=int, help="Port to listen on.  [default: from KCS_BASE_URL]")
def serve(host: str | None, port: int | None) -> None:
    """Serve the product on one machine: web pages, API, webhooks and, without Redis, the work too."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    settings: Settings = app.config["KCS"]
    _migrate()
    refuse_sample_people(settings)
    db.session.remove()
    server = _listen(app, settings, host or "127.0.0.1", port)
    threads = None if settings.redis_url else WorkerThreads(app)
    if threads is not None:
        threads.start()
    hub: Hub = app.extensions["kcs.live"]
    hub.open(settings.live_streams)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_stop_serving, hub))
    keep_what_is_loaded()
    click.echo(f"Serving {settings.base_url} – stop with Ctrl-C")
    if port is not None and port != _port_of(settings):
        click.echo(
            f"It listens on port {port}, while KCS_BASE_URL is {settings.base_url}: set that to the address "
            "people type. Links, and what a desk is told to call, are made of it.",
            err=True,
        )
    try:
        server.run()
    except SystemExit:
        click.echo("Stopping.")
    finally:
        server.close()
        if threads is not None:
            threads.stop()


def _port_of(settings: Settings) -> int:
    return urlsplit(settings.base_url).port or 8080


def _listen(app: Flask, settings: Settings, host: str, port: int | None) -> Any:
    port = port or _port_of(settings)
    try:
        return create_server(
            app,
            host=host,
            port=port,
            threads=THREADS + settings.live_streams,
            # Notices at once when the reader of a stream has gone.
            channel_request_lookahead=1,
            ident=None,
            # Waitress takes a whole body in before the app sees it: what no address accepts ends here.
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
            # A trusted proxy's headers are read by ProxyFix; nobody else's may arrive.
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
        )
    except OSError as error:
        raise ConfigError(
            f"Cannot listen on {host}:{port}: {error.strerror}. Stop what runs there, or choose another port."
        ) from error


def _migrate() -> None:
    """Bring the tables up to date, and let go of the connection: the migration's lock lives as long as it."""
    flask_migrate.upgrade()
    db.session.remove()
    db.engine.dispose()


def refuse_sample_people(settings: Settings) -> None:
    """Raise ConfigError when the demo's people, whose passwords are printed, would be reachable by others."""
    if settings.is_secure and has_sample_people():
        raise ConfigError(
            "This database holds the demo's sample people. Start with an empty one for real use: "
            "set KCS_DATABASE_URL and run 'kcs db upgrade'."
        )


def _stop_serving(hub: Hub, number: int, frame: object) -> None:
    """End the streams first: the server waits for its threads."""
    hub.close()
    _stop(number, frame)


def _stop(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


@click.command()
@click.option("--processes", default=1, show_default=True, help="RQ workers to run side by side.")
@click.option("--supervisor", type=int, hidden=True, help="Process id of the one that keeps this one alive.")
def worker(processes: int, supervisor: int | None) -> None:
    """Do the work that Redis rings for: RQ workers, and a sweep for what was not heard."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    settings: Settings = app.config["KCS"]
    if settings.redis_url is None:
        raise ConfigError("KCS_REDIS_URL is not set: without Redis 'kcs serve' does the work itself.")
    if supervisor is not None:
        _run_rq(settings.redis_url, supervisor)
    else:
        _supervise(app, settings, processes)


def _run_rq(url: str, supervisor: int) -> None:
    """One RQ worker. It ends when its supervisor is gone, also one that went while this one was starting."""
    worker_app()
    keep_what_is_loaded()
    threading.Thread(target=_follow_parent, args=(supervisor,), daemon=True).start()
    connection = redis.Redis.from_url(url)
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    Worker([queue], connection=connection, serializer=JSONSerializer).work(logging_level="WARNING")


def _follow_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_POLL)
    os.kill(os.getpid(), signal.SIGTERM)


def _supervise(app: Flask, settings: Settings, processes: int) -> None:
    """Keep the workers alive and sweep: whatever Redis forgot is found by looking at the database."""
    command = [sys.executable, "-m", "kcs", "worker", "--supervisor", str(os.getpid())]
    children = [subprocess.Popen(command) for _ in range(processes)]  # noqa: S603 -- our own command
    signal.signal(signal.SIGTERM, _stop)
    click.echo(f"Working with {processes} RQ worker(s); sweeping every {settings.sweep_seconds} s")
    try:
        while True:
            for place, child in enumerate(children):
                if child.poll() is not None:
                    log.warning("worker_ended", status=child.returncode)
                    children[place] = subprocess.Popen(command)  # noqa: S603 -- our own command
            _sweep(app)
            time.sleep(settings.sweep_seconds)
    except (KeyboardInterrupt, SystemExit):
        click.echo("Stopping.")
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def _sweep(app: Flask) -> None:
    try:
        sweep(app)
    except SQLAlchemyError as error:
        log.warning("sweep_failed", reason=str(error)[:300])


@click.group("db")
def database_commands() -> None:
    """The database."""


@database_commands.command()
def upgrade() -> None:
    """Bring the database to this version's tables; run it again after a kill."""
    _migrate()
    click.echo("The database is up to date.")
