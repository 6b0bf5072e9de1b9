"""From pages to the count of visits: whose request counts, the cookie of a visit, writing after the answer.

The cookie is a random number of this site for half an hour, for the help centre's addresses alone. It names
nobody, is kept as a digest while the visit lasts, and is not set before there is something to count. Robots,
and visitors who ask not to be followed (DNT, GPC), are not counted and get none.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import deque
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, current_app, g, request
from flask.wrappers import Response
from flask_login import current_user
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from kcs.activity.visits import QUIET, UNLICENSED
from kcs.config import Settings
from kcs.improving.visits import Did, Step, keep_steps
from kcs.search.following import FROM

PATH = "/help"
TOKEN_BYTES = 16
MOST_WAITING = 1000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
# Who says that it is a program. A telephone of the make Cubot is none.
_ROBOT = re.compile(
    r"(?<!cu)bot\b|bot[/_-]|crawl|spider|slurp|archiver|headless|lighthouse|monitor|preview|scrapy|facebookexternalhit|"
    r"^(?:curl|wget|python|java|ruby|perl|php|go-http|libwww|okhttp|axios|node)",
    re.IGNORECASE,
)
# What a browser sends for people who do not want to be followed, or before they have asked for a page.
_NOT_COUNTED = {"DNT": "1", "Sec-GPC": "1", "Sec-Purpose": "prefetch", "Purpose": "prefetch"}

log = structlog.get_logger()


class Waiting:
    """Steps of this process that are not written yet; at most so many, the oldest go first."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque(maxlen=MOST_WAITING)

    def add(self, step: Step) -> None:
        """Let a step wait for its turn."""
        self._steps.append(step)

    def write(self, settings: Settings) -> None:
        """Write everything that waits; where the database is busy it waits for the next time."""
        steps = []
        while self._steps:
            steps.append(self._steps.popleft())
        try:
            keep_steps(steps, zone=ZoneInfo(settings.timezone), asks=settings.help_centre_contact is not None)
        except OperationalError:
            self._steps.extendleft(reversed(steps))
            log.info("visits_wait", steps=len(steps))
        except SQLAlchemyError:
            # Whoever reads has their page; a number less is no reason to fail.
            log.exception("visits_not_counted", steps=len(steps))


def wire(app: Flask) -> None:
    """Count visits of the help centre, and the articles that colleagues open."""
    app.extensions["kcs.visits"] = Waiting()
    app.after_request(_look)


def note(response: Response, did: Did, article_key: str | None = None) -> Response:
    """Count what a visitor did, once the answer is sent; the answer carries the cookie of their visit."""
    if not _counts() or current_user.is_authenticated:
        return response
    return _afterwards(response, Step(did, _visit(response), article_key))


def _look(response: Response) -> Response:
    """Count what needs no word of its page: a result that was opened, an article that a colleague reads."""
    if request.endpoint == "help.article" and response.status_code == 302 and FROM in request.args:
        return note(response, Did.OPENED)
    if request.endpoint == "articles.show" and response.status_code == 200 and request.method == "GET":
        licence = g.agent.licence
        reader = licence.value if licence else UNLICENSED
        return _afterwards(response, Step(Did.READ, None, (request.view_args or {})["key"], reader))
    return response


def _counts() -> bool:
    agent = request.headers.get("User-Agent", "")
    refused = any(request.headers.get(name, "") == value for name, value in _NOT_COUNTED.items())
    return request.method != "HEAD" and bool(agent) and not refused and not _ROBOT.search(agent)


def _visit(response: Response) -> str:
    """Return the digest of the visit's cookie, which lasts as long from now as a visitor may be quiet."""
    settings: Settings = current_app.config["KCS"]
    name = "__Secure-kcs-visit" if settings.is_secure else "kcs-visit"
    token = request.cookies.get(name, "")
    if not _TOKEN.fullmatch(token):
        token = secrets.token_urlsafe(TOKEN_BYTES)
    response.set_cookie(
        name,
        token,
        max_age=QUIET,
        path=PATH,
        secure=settings.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return hmac.new(f"visit:{settings.secret_key}".encode(), token.encode(), hashlib.sha256).hexdigest()


def _afterwards(response: Response, step: Step) -> Response:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    waiting: Waiting = app.extensions["kcs.visits"]
    waiting.add(step)

    def act() -> None:
        with app.app_context():
            waiting.write(app.config["KCS"])

    response.call_on_close(act)
    return response
