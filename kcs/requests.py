"""What surrounds every request: its id, reading mode for GET, the bell after a commit, no caching."""

from __future__ import annotations

import re
import secrets

from flask import Flask, current_app, g, request
from flask.wrappers import Response
from sqlalchemy import event
from sqlalchemy.orm import Session

from kcs import database, logs
from kcs.activity.services import request_id
from kcs.database import db

_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_SAFE = ("GET", "HEAD", "OPTIONS")


def wire(app: Flask) -> None:
    """Bind the hooks to the app."""
    logs.configure()
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_tear_down)
    with app.app_context():
        event.listen(db.session, "after_commit", _ring)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
    request_id.set(g.request_id)
    if request.method in _SAFE:
        database.begin_reading()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _tear_down(_error: BaseException | None) -> None:
    database.end_reading()
    request_id.set(None)


def _ring(session: Session) -> None:
    """Ring after the commit, never before: whoever wakes up must find the row."""
    for worklist in session.info.pop("ring", set()):
        current_app.extensions["kcs.bell"].ring(worklist)
