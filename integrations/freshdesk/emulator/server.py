"""Puts an emulated account on a port: admission, faults, limits and the headers every answer has."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from integrations.emulation.serving import Port, answer, spoil_after, spoil_before
from integrations.freshdesk.emulator import (
    gate,
    measures_api,
    people_api,
    rules_api,
    solutions_api,
    solutions_places_api,
    tickets_api,
)
from integrations.freshdesk.emulator.http import ApiError

if TYPE_CHECKING:
    from integrations.freshdesk.emulator import Emulator

PARTS = (tickets_api, measures_api, people_api, solutions_api, solutions_places_api, rules_api)
FAULT = {"code": "internal_error", "message": "A fault on demand"}
TOO_MANY = {"message": "You have exceeded the limit of requests per minute"}


def create_app(emulator: Emulator) -> Flask:
    """Return the account's REST API as a WSGI application."""
    app = Flask(__name__)
    for part in PARTS:
        app.register_blueprint(part.api)
    app.before_request(partial(_admit, emulator))
    app.after_request(partial(_finish, emulator))
    app.register_error_handler(ApiError, ApiError.response)
    app.register_error_handler(HTTPException, _no_route)
    return app


def _admit(emulator: Emulator) -> Response | None:
    """Count, refuse by limit, spoil by fault, then sign in: invalid calls count too [Rate limit]."""
    g.emulator, g.desk, g.now, g.fault, g.cost = emulator, emulator.desk, emulator.clock(), None, 0
    if request.path.startswith(rules_api.PATH) or solutions_places_api.PORTAL in request.path:
        return None
    emulator.calls.add(request.method, request.path)
    g.cost = _cost()
    wait = emulator.limits.admit(request.method, request.path, g.cost)
    if wait is not None:
        refusal = answer(TOO_MANY, 429)
        refusal.headers["Retry-After"] = str(wait)
        return refusal
    g.fault = emulator.faults.next_for(request.method, request.path)
    spoilt = spoil_before(g.fault, FAULT)
    if spoilt is None:
        g.agent = gate.caller_of(emulator.desk)
    return spoilt


def _finish(emulator: Emulator, response: Response) -> Response:
    if g.cost:
        response.headers.update(emulator.limits.headers(g.cost))
    return spoil_after(g.fault, response, FAULT)


def _cost() -> int:
    """Return how many calls this one counts for: each thing embedded is one more, two more in a list."""
    embedded = len([name for name in request.args.get("include", "").split(",") if name])
    return 1 + embedded * (2 if request.path.endswith("/tickets") else 1)


def _no_route(error: HTTPException) -> Response:
    """Answer an unknown path without a body, a wrong method with those there are [Errors]."""
    if isinstance(error, MethodNotAllowed):
        known = sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"})
        sentence = f"{request.method} method is not allowed. It should be one of these method(s): "
        response = answer({"message": sentence + ", ".join(known)}, 405)
        response.headers["Allow"] = ", ".join(known)
        return response
    return Response("", error.code or 500)


class EmulatorServer(Port):
    """Serves an emulator on a port of this machine, any free one for 0, while the `with` block runs.

    `api_base` is what a connection's credentials name as theirs; `site` is the root.
    """

    def __init__(self, emulator: Emulator, port: int = 0) -> None:
        super().__init__(create_app(emulator), port, "freshdesk-emulator")
        self.emulator = emulator
        self.api_base = f"{self.site}/api/v2"
        emulator.site = self.site
