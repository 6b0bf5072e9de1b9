"""A visitor's feedback form: who filled it in, and the secret that leads to what became of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from kcs.articles.models import Version
from kcs.errors import BadRequest

VALID_SECONDS = 24 * 3600
SECRET_BYTES = 16


@dataclass(frozen=True)
class Ticket:
    """What a form carries back: the text that was read, and a number of its own."""

    article_id: int
    version_id: int
    nonce: str


def issue(version: Version) -> str:
    """Return the hidden value of a form under this text.

    The help centre keeps no session, so there is none to tie a form to, and none to be misused: a visitor
    has no rights that a foreign page could borrow. The signed value says which text they read and
    that the form was fetched from here within a day, which is what stops blind posting.
    """
    return _signer().dumps([version.article_id, version.id, secrets.token_urlsafe(SECRET_BYTES)])


def read(value: str) -> Ticket:
    """Return what the form carried. Raises BadRequest for one that is forged or too old."""
    try:
        article_id, version_id, nonce = _signer().loads(value, max_age=VALID_SECONDS)
    except BadSignature as error:
        raise BadRequest("This page was open too long. Load the article again, then send it.") from error
    return Ticket(article_id, version_id, nonce)


def secret_of(ticket: Ticket, helpful: bool | None, comment: str) -> str:
    """Return the secret of what this form said: 128 bits that nobody can guess without our key.

    Made of the form's random number and the words, so that the same click twice has one effect.
    """
    said = f"{ticket.nonce}\0{helpful}\0{comment}".encode("utf-8", "surrogatepass")
    digest = hmac.new(f"feedback:{_key()}".encode(), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:SECRET_BYTES]).decode().rstrip("=")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_key(), salt="help-centre-feedback")


def _key() -> str:
    key: str = current_app.config["KCS"].secret_key
    return key
