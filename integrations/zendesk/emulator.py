"""A Zendesk account in memory, spoken to over real HTTP: for tests, demonstrations and fault drills.

It speaks the part of the REST API that this provider uses, signs and sends webhooks as Zendesk does, and
fails on demand. `Emulator` is its control panel for scripts, `EmulatorServer` puts it on a port.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from flask import Flask, Response, g, request
from werkzeug.serving import WSGIRequestHandler, make_server

from integrations.zendesk import emulator_api, emulator_guide_api
from integrations.zendesk.emulator_deliveries import Outbox
from integrations.zendesk.emulator_desk import Audit, Change, Desk, NewComment, Ticket, User
from integrations.zendesk.emulator_faults import CallCount, Fault, Faults
from integrations.zendesk.emulator_guide import Guide, Refused, Section
from integrations.zendesk.emulator_http import ApiError, answer, signed_in_address

TOKEN = "emulator-token"
SECRET = "emulator-signing-secret"


def _now() -> datetime:
    return datetime.now(UTC)


class Emulator:
    """One account. `shapes` says which webhooks exist: "event", "trigger" or both.

    Changes made here and over HTTP are the same: each makes an audit and queues deliveries in `outbox`, to be
    taken and sent by the script (`take_deliveries`, `sign`) or posted as Zendesk would (`deliver`).
    `desk` and `guide` hold what there is, `faults` what goes wrong next, `calls` what was asked for.
    """

    def __init__(
        self,
        account: str = "acme",
        token: str = TOKEN,
        secret: str = SECRET,
        *,
        shapes: Sequence[str] = ("event",),
        search_lag: float = 0.0,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.account = account
        self.token = token
        self.clock = clock
        self.outbox = Outbox(secret, shapes, clock)
        self.desk = Desk(self.outbox.saved)
        self.guide = Guide(search_lag)
        self.faults = Faults()
        self.calls = CallCount()
        self.pending_deliveries = self.outbox.pending
        self.take_deliveries = self.outbox.take
        self.sign = self.outbox.sign
        self.deliver = self.outbox.deliver
        self.admin = self.desk.add_user("Desk Admin", f"admin@{account}.example", "admin")

    def add_user(
        self, name: str, email: str, role: str, phone: str | None = None, details: str | None = None
    ) -> User:
        """Add an "end-user", "agent" or "admin"."""
        return self.desk.add_user(name, email, role, phone=phone, details=details)

    def add_section(self, name: str) -> Section:
        """Add a Help Center section."""
        return self.guide.add_section(name)

    def create_ticket(
        self, requester: User, subject: str, body: str, tags: Sequence[str] = (), at: datetime | None = None
    ) -> Ticket:
        """Open a ticket with a public first comment by the requester."""
        return self.desk.create(requester.id, subject, NewComment(body), at or self.clock(), tags)

    def reply(
        self, ticket: Ticket, author: User, body: str, public: bool = True, at: datetime | None = None
    ) -> Audit:
        """Add a public reply or a private note."""
        return self._save(ticket, author, Change(comment=NewComment(body, public)), at)

    def set_status(self, ticket: Ticket, author: User, status: str, at: datetime | None = None) -> Audit:
        """Change the status."""
        return self._save(ticket, author, Change(values={"status": status}), at)

    def assign(
        self, ticket: Ticket, author: User, assignee: User | None, at: datetime | None = None
    ) -> Audit:
        """Change who the ticket is assigned to."""
        return self._save(ticket, author, Change(values={"assignee_id": assignee and assignee.id}), at)

    def tag(self, ticket: Ticket, author: User, tags: Sequence[str], at: datetime | None = None) -> Audit:
        """Replace the tags."""
        return self._save(ticket, author, Change(values={"tags": list(tags)}), at)

    def delete_ticket(self, ticket: Ticket, author: User | None = None, at: datetime | None = None) -> None:
        """Delete the ticket: the API answers 404 for it from now on."""
        self.desk.delete(ticket, (author or self.admin).id, at or self.clock())

    def _save(self, ticket: Ticket, author: User, change: Change, at: datetime | None) -> Audit:
        return self.desk.save(ticket, author.id, change, at or self.clock())


def create_app(emulator: Emulator) -> Flask:
    """Return the account's REST API as a WSGI application."""
    app = Flask(__name__)
    app.register_blueprint(emulator_api.api)
    app.register_blueprint(emulator_guide_api.api)

    @app.before_request
    def admit() -> Response | None:
        emulator.calls.add(request.method, request.path)
        g.fault = emulator.faults.next_for(request.method, request.path)
        if g.fault is not None and not g.fault.after_effect:
            return _spoil(g.fault)
        g.user = _signed_in(emulator)
        g.desk, g.guide, g.now = emulator.desk, emulator.guide, emulator.clock()
        return None

    @app.after_request
    def lose_answer(response: Response) -> Response:
        if g.fault is None or not g.fault.after_effect:
            return response
        return _spoil(g.fault) or response

    @app.errorhandler(ApiError)
    def refuse(error: ApiError) -> Response:
        return answer(error.content, error.status)

    @app.errorhandler(Refused)
    def invalid(error: Refused) -> Response:
        details = {error.field: [{"description": f"{error.field}: {error.reason}"}]}
        content = {"error": "RecordInvalid", "description": "Record validation errors", "details": details}
        return answer(content, 422)

    @app.errorhandler(404)
    def no_route(_error: Exception) -> Response:
        return answer({"error": "InvalidEndpoint", "description": "Not found"}, 404)

    return app


def _signed_in(emulator: Emulator) -> User:
    """Return who the credentials belong to; a bearer token is the admin's. Raises ApiError."""
    address = signed_in_address(emulator.token)
    user = emulator.admin if address == "" else emulator.desk.user_by_email(address or "")
    if address is None or user is None:
        raise ApiError(401, "Couldn't authenticate you", "Invalid credentials")
    return user


def _spoil(fault: Fault) -> Response | None:
    """Return the fault's answer, or None when it only delays."""
    time.sleep(fault.delay)
    if fault.drop:
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    if fault.status == 200:
        return None
    response = answer({"error": "Emulated", "description": "A fault on demand"}, fault.status)
    if fault.retry_after is not None:
        response.headers["Retry-After"] = fault.retry_after
    return response


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write no line for each request: there are hundreds a second."""

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:
        """Pass over a connection that a fault closed."""


class EmulatorServer:
    """Serves an emulator on a free port of this machine while the `with` block runs.

    `api_base` is what a connection's credentials name as theirs.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._server = make_server(
            "127.0.0.1", 0, create_app(emulator), threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="zendesk-emulator", daemon=True
        )
        self.api_base = f"http://127.0.0.1:{self._server.server_port}/api/v2"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
