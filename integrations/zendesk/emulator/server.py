"""Puts an emulated account on a port: admission, faults, limits and the headers every answer has."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from integrations.emulation.serving import Port, answer, spoil_after, spoil_before
from integrations.emulation.windows import Refusal
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
from integrations.zendesk.emulator.guide import Refused
from integrations.zendesk.emulator.http import ApiError

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
FAULT = {"error": "Emulated", "description": "A fault on demand"}


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
    spoilt = spoil_before(g.fault, FAULT)
    if spoilt is None and not is_open:
        gate.check(caller)
    g.user, g.pair = (caller.user, caller.pair) if caller else (None, None)
    return spoilt


def _finish(emulator: Emulator, response: Response) -> Response:
    if g.counted is not None:
        response.headers.update(emulator.limits.answered_with(*g.counted))
    if g.warning:
        response.headers["x-zendesk-api-warn"] = g.warning
    return spoil_after(g.fault, response, FAULT)


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


class EmulatorServer(Port):
    """Serves an emulator on a port of this machine, any free one for 0, while the `with` block runs.

    `api_base` is what a connection's credentials name as theirs; `site` is the root, where OAuth lives.
    """

    def __init__(self, emulator: Emulator, port: int = 0) -> None:
        super().__init__(create_app(emulator), port, "zendesk-emulator")
        self.emulator = emulator
        self.api_base = f"{self.site}/api/v2"
