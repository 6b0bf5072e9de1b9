"""From a page of results to the log: signed links, and writing after the answer has gone.

A page that is read never waits for the database's writer: what a search leaves in the log is written when the
answer is on its way, in a transaction of its own. A link to a result carries the search with it, signed; it
leads on to the article's plain address, with or without scripts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

import structlog
from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError

from kcs.database import db
from kcs.search.log import Mask, Searched, keep_asking, keep_linking, keep_opening, keep_search
from kcs.search.models import Place

FROM = "from"
VALID_SECONDS = 24 * 3600
NONCE_BYTES = 9
SAME_SECONDS = 1800  # the same words again within this time are the same search
# Addresses of articles that people come to from results.
ARTICLES = ("articles.show", "help.article")

log = structlog.get_logger()


def searched_now(
    place: Place, words: str, shown: list[str], results: int, *, ticket_id: int | None = None
) -> Searched:
    """Return what this request searched, as its links and the log have it; `ticket_id`: for this ticket."""
    agent = g.get("agent")
    agent_id = agent.id if agent else None
    # What is offered unasked is told apart by what it is.
    said = words if place is not Place.SUGGESTED else " ".join(shown)
    nonce = _nonce(agent_id, place, said if ticket_id is None else f"{ticket_id} {said}")
    return Searched.of(nonce, place, agent_id, words, results, shown, ticket_id)


def sealed(searched: Searched) -> str:
    """Return the value that a link to a result carries in `from`."""
    return _signer().dumps(
        [
            searched.nonce,
            searched.place.value,
            searched.agent_id,
            searched.words,
            searched.results,
            searched.shown,
            searched.ticket_id,
        ]
    )


def opened(value: str) -> Searched | None:
    """Return the search a link carried; None for one that is forged, too old or somebody else's."""
    try:
        nonce, place, agent_id, words, results, shown, ticket_id = _signer().loads(
            value, max_age=VALID_SECONDS
        )
    except BadSignature:
        return None
    agent = g.get("agent")
    if agent_id is not None and (agent is None or agent.id != agent_id):
        return None
    return Searched(nonce, Place(place), agent_id, words, results, tuple(shown), ticket_id)


def log_after(response: Response, searched: Searched) -> Response:
    """Write the search down as soon as the answer is sent."""
    return _afterwards(response, lambda mask: keep_search(searched, mask))


def opening_after(response: Response, searched: Searched, key: str) -> Response:
    """Write down as soon as the answer is sent that this result was opened."""
    return _afterwards(response, lambda mask: keep_opening(searched, key, mask))


def linking_after(response: Response, searched: Searched, key: str) -> Response:
    """Write down as soon as the answer is sent that this result was linked."""
    return _afterwards(response, lambda mask: keep_linking(searched, key, mask))


def asking_after(response: Response, searched: Searched) -> Response:
    """Write down as soon as the answer is sent that whoever searched went on to ask a person."""
    return _afterwards(response, lambda mask: keep_asking(searched, mask))


def wire(app: Flask, mask: Mask) -> None:
    """Follow links from results to articles; `mask` takes personal data out of what was typed."""
    app.extensions["kcs.search.mask"] = mask
    app.before_request(_follow)


def _follow() -> ResponseReturnValue | None:
    """Lead on to the article's plain address, which is then fit to be copied, and note the opening."""
    if request.endpoint not in ARTICLES or request.method != "GET" or FROM not in request.args:
        return None
    key = (request.view_args or {}).get("key", "")
    response: Response = current_app.make_response(redirect(url_for(request.endpoint, key=key)))
    searched = opened(request.args[FROM])
    if searched is None:
        return response
    return opening_after(response, searched, key)


def _afterwards(response: Response, write: Callable[[Mask], None]) -> Response:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def act() -> None:
        with app.app_context():
            try:
                write(app.extensions["kcs.search.mask"])
            except SQLAlchemyError:
                # Whoever searched has their answer; a line less in the log is no reason to fail.
                db.session.rollback()
                log.exception("search_not_logged")

    response.call_on_close(act)
    return response


def _nonce(agent_id: int | None, place: Place, words: str) -> str:
    """Return the number of a search. Somebody we know who comes back to the same results keeps theirs."""
    if agent_id is None:
        return secrets.token_urlsafe(NONCE_BYTES)
    span = int(time.time()) // SAME_SECONDS
    said = f"{agent_id}\0{place}\0{span}\0{words}".encode("utf-8", "surrogatepass")
    digest = hmac.new(_key().encode(), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:NONCE_BYTES]).decode()


def _key() -> str:
    key: str = current_app.config["KCS"].secret_key
    return key


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_key(), salt="search-result-2")
