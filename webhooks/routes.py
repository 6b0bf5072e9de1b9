"""`POST /webhooks/<connection>`: verify, keep, answer. No work happens here."""

from __future__ import annotations

from flask import Blueprint, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from kcs.errors import BadRequest, TooLarge
from kcs.extensions import csrf
from kcs.people.access import Permission, requires
from webhooks.services import Intake, receive

bp = Blueprint("webhooks", __name__)
csrf.exempt(bp)


@bp.post("/webhooks/<connection>")
@requires(Permission.PUBLIC)
def take(connection: str) -> tuple[dict[str, str], int]:
    """Keep one delivery. 202 means that the row is committed, now or when the same one came before."""
    intake: Intake = current_app.extensions["kcs.intake"]
    kept = receive(intake, connection, dict(request.headers), _raw_body())
    return {"status": "kept" if kept else "known"}, 202


def _raw_body() -> bytes:
    limit: int = current_app.config["KCS"].webhook_max_bytes
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise BadRequest("Compressed bodies are not accepted.")
    request.max_content_length = limit
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise TooLarge(f"The body is over {limit} bytes.") from error
