"""Puts an emulated account on a port: admission, faults, limits and the headers every answer has."""

from __future__ import annotations

import socket
import threading
import time
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from flask import Flask, Response, g, request
from werkzeug.serving import WSGIRequestHandler, make_server

from integrations.zendesk.emulator import (
    acts_api,
    api,
    apps,
    export_api,
    gate,
    guide_api,
    guide_files_api,
    guide_places_api,
    oauth_api,
    people_api,
    pins,
    webhooks_api,
)
from integrations.zendesk.emulator.faults import Fault
from integrations.zendesk.emulator.guide import Refused
from integrations.zendesk.emulator.http import ApiError, answer
from integrations.zendesk.emulator.limits import Refusal

if TYPE_CHECKING:
    from integrations.zendesk.emulator import Emulator

PARTS = (
    api,
    acts_api,
    people_api,
    export_api,
    pins,
    apps,
    webhooks_api,
    oauth_api,
    guide_api,
    guide_files_api,
    guide_places_api,
)
ERROR_PAGE = "<!DOCTYPE html><html><body><h1>We'll be back shortly</h1></body></html>"


def create_app(emulator: Emulator) -> Flask:
    """Return the account's REST API as a WSGI application."""
    app = Flask(__name__)
    for part in PARTS:
        app.register_blueprint(part.api)
    app.before_request(partial(_admit, emulator))
    app.after_request(partial(_finish, emulator))
    app.register_error_handler(ApiError, _refuse)
    app.register_error_handler(Refused, _invalid)
    app.register_error_handler(404, _no_route)
    return app


def _admit(emulator: Emulator) -> Response | None:
    """Count, refuse by limit, spoil by fault, then sign in: a spoilt call counts like any other."""
    emulator.calls.add(request.method, request.path)
    g.emulator, g.desk, g.guide, g.now = emulator, emulator.desk, emulator.guide, emulator.clock()
    g.fault, g.warning, g.counted = None, "", None
    is_open = gate.OPEN.search(request.path)
    caller = gate.caller_of(emulator)
    if not is_open:
        g.counted = (request.method, request.path, caller.user.id if caller else 0)
        refusal = emulator.limits.admit(*g.counted)
        if refusal is not None:
            return _slow_down(refusal, says_when=emulator.limits.says_when)
    g.fault = emulator.faults.next_for(request.method, request.path)
    spoilt = _spoil(g.fault) if g.fault is not None and not g.fault.after_effect else None
    if spoilt is None and not is_open:
        gate.check(caller)
    g.user, g.pair = (caller.user, caller.pair) if caller else (None, None)
    return spoilt


def _finish(emulator: Emulator, response: Response) -> Response:
    if g.counted is not None:
        response.headers.update(emulator.limits.answered_with(*g.counted))
    if g.warning:
        response.headers["x-zendesk-api-warn"] = g.warning
    if g.fault is None or not g.fault.after_effect:
        return response
    return _cut(response) if g.fault.cut else _spoil(g.fault) or response


def _refuse(error: ApiError) -> Response:
    return answer(error.content, error.status)


def _invalid(error: Refused) -> Response:
    details = {error.field: [{"description": f"{error.field}: {error.reason}"}]}
    return answer(
        {"error": "RecordInvalid", "description": "Record validation errors", "details": details}, 422
    )


def _no_route(_error: Exception) -> Response:
    return answer({"error": "InvalidEndpoint", "description": "Not found"}, 404)


def _slow_down(refusal: Refusal, *, says_when: bool) -> Response:
    """Return the 429 of a limit, with `Retry-After` in seconds [Rate limits]; its body is unsure."""
    sentence = "Number of allowed API requests per minute exceeded"
    response = answer({"error": "APIRateLimitExceeded", "description": sentence}, 429)
    if says_when:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _spoil(fault: Fault) -> Response | None:
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
        response = answer({"error": "Emulated", "description": "A fault on demand"}, fault.status)
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


class EmulatorServer:
    """Serves an emulator on a port of this machine, any free one for 0, while the `with` block runs.

    `api_base` is what a connection's credentials name as theirs; `site` is the root, where OAuth lives.
    """

    def __init__(self, emulator: Emulator, port: int = 0) -> None:
        self.emulator = emulator
        self._server = make_server(
            "127.0.0.1", port, create_app(emulator), threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="zendesk-emulator", daemon=True
        )
        self.site = f"http://127.0.0.1:{self._server.server_port}"
        self.api_base = f"{self.site}/api/v2"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
