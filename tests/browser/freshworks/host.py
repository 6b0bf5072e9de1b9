"""Serves the stand-in for Freshdesk's pages, and our app's files from another host, as the vendor does."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from integrations.freshdesk.app.build import build

HERE = Path(__file__).parent
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
CLIENT = '<script src="/client.js"></script>'
Answer = Callable[[str], tuple[bytes, str]]


@dataclass
class Host:
    """The desk's pages: `ticket` is the one that is open, `iparams` what the app was set up with."""

    origin: str = ""
    apps: str = ""
    ticket: dict[str, object] = field(default_factory=dict)
    iparams: dict[str, str] = field(default_factory=dict)

    @property
    def origins(self) -> tuple[str, ...]:
        """What holds our page in a frame."""
        return self.origin, self.apps

    def show(self, ticket_id: str, **other: object) -> None:
        """Have this ticket open."""
        usual = {
            "id": int(ticket_id),
            "subject": "Export button is grey",
            "description_text": "I cannot export my report, the button is grey.",
            "locale": "en",
            "replying": True,
        }
        self.ticket = {**usual, **other}

    def desk(self, path: str) -> tuple[bytes, str]:
        """Return what is at an address of the desk's pages."""
        if path == "/shown":
            shown = {"ticket": self.ticket, "iparams": self.iparams, "apps": self.apps}
            return json.dumps(shown).encode(), "application/json"
        return _file({"/": "desk.html"}.get(path, path.removeprefix("/")))


def _file(name: str) -> tuple[bytes, str]:
    found = HERE / name
    return found.read_bytes(), KINDS[found.suffix]


def _packed() -> Answer:
    """Return what serves the app as it is uploaded, with the platform's script where it puts it."""
    archive = zipfile.ZipFile(io.BytesIO(build()))

    def answer(path: str) -> tuple[bytes, str]:
        if path == "/client.js":
            return _file("client.js")
        content = archive.read(f"app{path}")
        return content.replace(b"{{{appclient}}}", CLIENT.encode()), KINDS[Path(path).suffix]

    return answer


@contextmanager
def _serving(answer: Answer, host: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                content, kind = answer(urlsplit(self.path).path)
            except (KeyError, OSError):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def standing_in() -> Iterator[Host]:
    """Serve the desk and the apps from two hosts of another site than ours: localhost beside 127.0.0.1."""
    host = Host()
    with ExitStack() as stack:
        host.origin = stack.enter_context(_serving(host.desk, "localhost"))
        host.apps = stack.enter_context(_serving(_packed(), "apps.localhost"))
        yield host
