"""An emulated Zendesk account on a real port, and a server that answers as a test tells it."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.client import parse_headers
from typing import Any

import pytest

from integrations.zendesk.emulator import Emulator, EmulatorServer
from kcs.ports import Credentials


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def server(emulator: Emulator) -> Iterator[EmulatorServer]:
    with EmulatorServer(emulator) as running:
        yield running


@pytest.fixture
def credentials(emulator: Emulator, server: EmulatorServer) -> Credentials:
    return Credentials(subdomain="acme", username="", token=emulator.token, api_base=server.api_base)


@dataclass(frozen=True)
class Answer:
    """What to answer. `cut` ends the connection after so many bytes of the body, 0 before any answer.

    `drip` is the pause in seconds before each byte of the body.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip: float = 0.0

    def head(self) -> bytes:
        lines = {"Content-Length": str(len(self.body)), "Connection": "close", **self.headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"HTTP/1.1 {self.status} Told\r\n{text}\r\n".encode()


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Vendor(socketserver.ThreadingTCPServer):
    """Gives its answers in turn, the last one again and again, and keeps what it was asked."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.asked: list[Asked] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        vendor = self.server
        assert isinstance(vendor, Vendor)
        method, path, _ = self.rfile.readline().decode().split(" ")
        headers = parse_headers(self.rfile)
        body = self.rfile.read(int(headers.get("Content-Length", "0")))
        vendor.asked.append(Asked(method, path, dict(headers), body))
        answer = vendor.answers.pop(0) if len(vendor.answers) > 1 else vendor.answers[0]
        if answer.cut == 0:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        self.wfile.write(answer.head())
        self._write(answer)

    def _write(self, answer: Answer) -> None:
        size = 1 if answer.drip else max(1, len(answer.body))
        for start in range(0, len(answer.body), size):
            time.sleep(answer.drip)
            try:
                self.wfile.write(answer.body[: answer.cut][start : start + size])
            except OSError:
                return  # the client has had enough, which is what some tests are about


@pytest.fixture
def make_vendor() -> Iterator[Callable[..., Vendor]]:
    """Return a function that starts a server; each argument holds the fields of one `Answer`.

    `$URL` in a body stands for the server's own address.
    """
    servers: list[Vendor] = []

    def make(*answers: dict[str, Any]) -> Vendor:
        vendor = Vendor([Answer(**answer) for answer in answers or ({},)])
        vendor.answers[:] = [
            replace(a, body=a.body.replace(b"$URL", vendor.url.encode())) for a in vendor.answers
        ]
        servers.append(vendor)
        threading.Thread(target=vendor.serve_forever, args=(0.01,), daemon=True).start()
        return vendor

    yield make
    for vendor in servers:
        vendor.shutdown()
        vendor.server_close()
