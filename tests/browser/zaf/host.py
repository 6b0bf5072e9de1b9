"""Serves the stand-in for Zendesk's pages from an origin of its own, and signs the visits of the app."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.embedding.visits import Signer

HERE = Path(__file__).parent
FILES = {"/": ("host.html", "text/html"), "/host.js": ("host.js", "text/javascript")}


@dataclass
class Host:
    """The desk's pages: `tickets` is what they show, `server` the page that the app's manifest names."""

    signer: Signer
    server: str = ""
    tickets: list[dict[str, Any]] = field(default_factory=list)
    origin: str = ""

    def show(self, ticket_id: str, **other: object) -> None:
        """Have one more ticket open."""
        usual = {
            "id": ticket_id,
            "user": "7",
            "subject": "Export button is grey",
            "comments": ["I cannot export my report, the button is grey."],
            "theme": "light",
            "locale": "en-gb",
            "rich": True,
            "custom": False,
        }
        self.tickets.append({**usual, **other})

    def answer(self, path: str) -> tuple[bytes, str]:
        """Return what is at an address."""
        parts = urlsplit(path)
        if parts.path == "/token":
            return self.signer.token(parse_qs(parts.query)["user"][0]).encode(), "text/plain"
        if parts.path == "/tickets":
            return json.dumps({"server": self.server, "tickets": self.tickets}).encode(), "application/json"
        name, kind = FILES[parts.path]
        return (HERE / name).read_bytes(), f"{kind}; charset=utf-8"


@contextmanager
def standing_in(signer: Signer) -> Iterator[Host]:
    """Serve the desk's pages on another site than our server's: localhost beside 127.0.0.1."""
    host = Host(signer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content, kind = host.answer(self.path)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.origin = f"http://localhost:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
