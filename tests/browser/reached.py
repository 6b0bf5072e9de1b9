"""A server at an address known before its app is made: what a desk sends back there arrives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server


def free_address() -> str:
    """Return an address on this machine at which nobody listens."""
    with make_server("127.0.0.1", 0, lambda *_: []) as probe:
        return f"http://127.0.0.1:{probe.server_port}"


@contextmanager
def reached_at(address: str, app: Flask) -> Iterator[Flask]:
    """Serve an app there, as in real use; its context is pushed."""
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", int(address.rpartition(":")[2]), app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        yield app
    server.shutdown()
    thread.join()
