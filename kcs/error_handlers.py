"""From exception to answer: one JSON shape under /api, a page elsewhere, never a traceback."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from kcs.database import db
from kcs.errors import KcsError, NotSignedIn, RemoteError
from kcs.extensions import bearer
from kcs.sentences import Sentence

log = structlog.get_logger()

RETRY_SECONDS = 30
NOT_MIGRATED = ("42P01", "42703")  # PostgreSQL: no such table, no such column
TITLES = {
    400: Sentence("That could not be read"),
    401: Sentence("Please sign in"),
    403: Sentence("You may not do this"),
    404: Sentence("Not found"),
    405: Sentence("Not possible here"),
    409: Sentence("Something has changed"),
    413: Sentence("Too large"),
    422: Sentence("Please check what you entered"),
    429: Sentence("Too many tries"),
    500: Sentence("Something went wrong here"),
    502: Sentence("The help desk did not answer as it should"),
    503: Sentence("Not available right now"),
}

# What pages say for the framework, whose own words are English.
FOUND_WRONG = {
    400: Sentence("Something is missing in what was sent."),
    404: Sentence("There is no page at this address."),
    405: Sentence("This address does not take what was sent to it."),
    413: Sentence("What was sent is too large."),
}


def wire(app: Flask) -> None:
    """Bind the handlers to the app."""
    app.register_error_handler(KcsError, _known)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    for away in (OperationalError, InterfaceError, PoolTimeoutError):
        app.register_error_handler(away, _database_away)
    app.register_error_handler(DataError, _not_storable)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _unknown)


def answer(
    status: int,
    code: str,
    message: str,
    *,
    errors: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> ResponseReturnValue:
    """Return an error in the form the caller reads."""
    if _for_machines():
        body = jsonify(code=code, message=message, errors=errors or {})
        return body, status, headers or {}
    title = TITLES.get(status, Sentence("Error"))
    page = render_template("error.html", code=status, title=title, message=message)
    return page, status, headers or {}


def _for_machines() -> bool:
    return request.path.startswith(("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics"))


def _known(error: KcsError) -> ResponseReturnValue:
    db.session.rollback()
    by_script = request.headers.get("HX-Request") == "true" or bearer() != ""
    if isinstance(error, NotSignedIn) and not _for_machines() and not by_script:
        flash(gettext("Please sign in."), "info")
        return redirect(url_for("people.sign_in_form", next=_here()))
    headers = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RemoteError) and error.retry_after:
        headers["Retry-After"] = str(round(error.retry_after))
    return answer(error.status, error.code, error.message, errors=error.errors, headers=headers)


def _here() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None


def _forged(_error: CSRFError) -> ResponseReturnValue:
    return answer(
        400,
        "csrf",
        Sentence(
            "This was sent from a page that is too old or came from elsewhere, or you are signed out. "
            "Sign in in another tab, then send it again from here."
        ),
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    data: dict[str, Any] = getattr(error, "data", None) or {}
    if status == 422:
        return answer(
            422, "invalid_input", Sentence("The input is not right."), errors=data.get("messages", {})
        )
    said = None if _for_machines() else FOUND_WRONG.get(status)
    message = data.get("message") or said or error.description or TITLES.get(status, Sentence("Error"))
    headers = {name: value for name, value in error.get_headers() if name in ("Retry-After", "Allow")}
    return answer(status, (error.name or "error").lower().replace(" ", "_"), message, headers=headers)


def _database_away(error: Exception) -> ResponseReturnValue:
    log.error("database_away", reason=str(error).splitlines()[0][:300])
    db.session.rollback()
    message = Sentence("The database does not answer. Nothing was changed; try again in half a minute.")
    return answer(503, "database_away", message, headers={"Retry-After": str(RETRY_SECONDS)})


def _not_storable(error: DataError) -> ResponseReturnValue:
    """PostgreSQL refuses NUL in a text and numbers beyond its range, which only odd input holds."""
    log.warning("not_storable", path=request.path, reason=str(error.orig).splitlines()[0][:300])
    db.session.rollback()
    return answer(
        400, "bad_request", Sentence("The request holds a character or number that cannot be stored.")
    )


def _database_error(error: DBAPIError) -> ResponseReturnValue:
    if error.connection_invalidated or _is_unusable(error):
        return _database_away(error)
    return _unknown(error)


def _is_unusable(error: DBAPIError) -> bool:
    """Tell whether the database as a whole is not fit: a broken SQLite file, or tables not migrated yet."""
    return type(error) is DatabaseError or getattr(error.orig, "sqlstate", None) in NOT_MIGRATED


def _unknown(error: Exception) -> ResponseReturnValue:
    log.error("unexpected_error", path=request.path, exc_info=error)
    db.session.rollback()
    return answer(
        500, "unexpected", Sentence("This was not expected. It has been logged; nothing was changed.")
    )
