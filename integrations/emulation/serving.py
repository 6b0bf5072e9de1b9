"""Puts an emulated account on a port, and spoils its answers as its faults say."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from integrations.emulation.faults import Fault

ERROR_PAGE = "<!DOCTYPE html><html><body><h1>We'll be back shortly</h1></body></html>"


def answer(content: object, status: int = 200) -> Response:
    """Return JSON as vendors write it: short, and in UTF-8."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, mimetype="application/json")


def spoil_before(fault: Fault | None, content: Mapping[str, object]) -> Response | None:
    """Return the answer of a fault that strikes before the work is done; None lets the call through.

    `content` is what the vendor's refusals say.
    """
    return None if fault is None or fault.after_effect else _spoilt(fault, content)


def spoil_after(fault: Fault | None, response: Response, content: Mapping[str, object]) -> Response:
    """Return what is left of an answer after the work is done."""
    if fault is None or not fault.after_effect:
        return response
    return _cut(response) if fault.cut else _spoilt(fault, content) or response


def _spoilt(fault: Fault, content: Mapping[str, object]) -> Response | None:
    """Return the fault's answer, or None when it only delays."""
    time.sleep(fault.delay)
    if fault.drop:
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    if fault.status == 200 and fault.body == "json":
        return None
    if fault.body == "html":
        response = Response(ERROR_PAGE, fault.status, mimetype="text/html")
    elif fault.body == "empty":
        response = Response("", fault.status)
        response.headers.remove("Content-Type")
    else:
        response = answer(content, fault.status)
    if fault.retry_after is not None:
        response.headers["Retry-After"] = fault.retry_after
    return response


def _cut(response: Response) -> Response:
    """Return the answer without its second half; the length is still that of the whole."""
    whole = response.get_data()
    response.set_data(whole[: len(whole) // 2])
    response.headers["Content-Length"] = str(len(whole))
    return response


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write no line for each request: there are hundreds a second."""

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:
        """Pass over a connection that a fault closed."""


class Port:
    """Serves an application on a port of this machine, any free one for 0, while the `with` block runs.

    `site` is the root of what is served.
    """

    def __init__(self, app: Flask, port: int, name: str) -> None:
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name=name, daemon=True
        )
        self.site = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
