"""A server in a thread of this process, on a port of this machine alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from waitress.server import create_server

from kcs.live.hub import Hub
from kcs.worker import WorkerThreads

THREADS = 8
# How soon a server that is told to stop does.
TURN_SECONDS = 0.1


@contextmanager
def listening(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve `app` on `port`, any free one for 0; yields the address."""
    room = app.config["KCS"].live_streams
    server: Any = create_server(
        app,
        host="127.0.0.1",
        port=port,
        threads=THREADS + room,
        ident=None,
        # Notices at once when the reader of a stream has gone.
        channel_request_lookahead=1,
    )
    hub: Hub = app.extensions["kcs.live"]
    hub.open(room)
    stopping = threading.Event()
    thread = threading.Thread(target=_run, args=(server, stopping), name="server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        hub.close()
        # First those who answer: one that ends later would ring at a number that may be another file by then.
        server.task_dispatcher.shutdown()
        stopping.set()
        thread.join(5)


def _run(server: Any, stopping: threading.Event) -> None:
    """Serve until told to stop; closed from another thread, the server might just wait for what is gone."""
    while not stopping.is_set():
        server.asyncore.loop(timeout=TURN_SECONDS, map=server._map, count=1)
    server.close()
    server.asyncore.close_all(server._map)  # browsers keep theirs open


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve `app` with its background work; yields the address."""
    workers = WorkerThreads(app)
    with listening(app, port) as address:
        workers.start()
        try:
            yield address
        finally:
            workers.stop()
