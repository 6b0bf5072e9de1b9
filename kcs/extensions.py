"""The Flask extensions and the doorbell, made once and bound to the app in `kcs.app`."""

from __future__ import annotations

import threading
from typing import Protocol

import redis
import structlog
from flask import Flask, g, has_request_context, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from rq import Queue
from rq.serializers import JSONSerializer

log = structlog.get_logger()

QUEUE = "kcs"
JOB_SECONDS = 300
KEPT_SECONDS = 24 * 3600

login = LoginManager()


def bearer() -> str:
    """Return the bearer token that a request carries, empty when it carries none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class CookieProtect(CSRFProtect):  # type: ignore[misc] # flask-wtf brings no types
    """Asks for the form's token wherever the cookie counts.

    A request with a bearer token is answered by that alone (`kcs.people.access`), and no page of another
    site can send one: there is nothing to forge.
    """

    def init_app(self, app: Flask) -> None:
        """Bind to the app; what is shown to a bearer gets no token, so that no cookie is set for it."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = self._token
        app.context_processor(lambda: {"csrf_token": self._token})

    def protect(self, apply_exemptions: bool = False) -> None:
        """Check the request, unless it carries a bearer token."""
        if not bearer():
            super().protect(apply_exemptions=apply_exemptions)

    @staticmethod
    def _token() -> str:
        return "" if has_request_context() and bearer() else str(generate_csrf())


csrf = CookieProtect()


def caller() -> str:
    """Name who calls, for limits: the agent when signed in, else the address."""
    agent = g.get("agent")
    return f"agent:{agent.id}" if agent is not None else get_remote_address()


limiter = Limiter(caller, headers_enabled=False)
migrate = Migrate(render_as_batch=True)


class Bell(Protocol):
    """Wakes whoever drains a worklist. Ringing may be lost: the sweep finds the work all the same."""

    def ring(self, worklist: str) -> None:
        """Say that `worklist` has work."""
        ...


class ThreadBell:
    """The bell of the embedded default: the worker threads of the same process wait on it."""

    def __init__(self) -> None:
        self._events: dict[str, threading.Event] = {}

    def ring(self, worklist: str) -> None:
        """Wake the thread that drains `worklist`."""
        self._event(worklist).set()

    def wait(self, worklist: str, seconds: float) -> None:
        """Return when the bell rings or `seconds` have passed."""
        if self._event(worklist).wait(seconds):
            self._event(worklist).clear()

    def _event(self, worklist: str) -> threading.Event:
        return self._events.setdefault(worklist, threading.Event())


class RedisBell:
    """The bell of many machines: an RQ job that drains the list, one waiting job for any number of rings."""

    def __init__(self, url: str) -> None:
        self.connection = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5)
        self.queue = Queue(QUEUE, connection=self.connection, serializer=JSONSerializer)

    def ring(self, worklist: str) -> None:
        """Enqueue a drain unless one is waiting. Redis being away is no error: the sweep will come round."""
        try:
            if self.connection.set(self._key(worklist), 1, nx=True, ex=JOB_SECONDS):
                self.queue.enqueue(
                    "kcs.worker.drain",
                    worklist,
                    job_timeout=JOB_SECONDS,
                    result_ttl=0,
                    failure_ttl=KEPT_SECONDS,
                )
        except redis.RedisError as error:
            log.warning("bell_unheard", worklist=worklist, reason=str(error))

    def answered(self, worklist: str) -> None:
        """Let the next ring enqueue again; called as a drain begins, before its first look at the list."""
        try:
            self.connection.delete(self._key(worklist))
        except redis.RedisError as error:
            log.warning("bell_unheard", worklist=worklist, reason=str(error))

    def reachable(self) -> bool:
        """Return whether Redis answers now."""
        try:
            return bool(self.connection.ping())
        except redis.RedisError:
            return False

    def _key(self, worklist: str) -> str:
        return f"kcs:bell:{worklist}"
