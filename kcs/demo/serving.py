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
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        hub.close()
        # In the server's own thread: closed from this one, it may be just about to wait for what is gone.
        server.trigger.pull_trigger(server.close)
        thread.join(5)
        server.task_dispatcher.shutdown()


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
