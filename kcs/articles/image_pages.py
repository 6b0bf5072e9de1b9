"""Pictures over HTTP: colleagues add and see them, visitors see those of live public texts."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from kcs.articles import images
from kcs.articles.models import Image
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.extensions import limiter
from kcs.people.access import Permission, current_agent, requires
from kcs.sentences import Sentence

bp = Blueprint("images", __name__)

INSIDE = "private, max-age=86400, immutable"
# Short: a picture leaves the help centre with the text it stands in.
OUTSIDE = "public, max-age=300"


@bp.post("/articles/images")
@requires(Permission.WORK)
@limiter.limit("60 per minute")
def add() -> ResponseReturnValue:
    """Keep a picture and say how to show it. Raises InvalidInput."""
    given = request.files.get("image")
    if given is None:
        raise InvalidInput("Send a picture in the field 'image'.", errors={"image": [Sentence("missing")]})
    image = images.store_image(given.read(), by=current_agent())
    db.session.commit()
    return jsonify({"name": image.name, "markdown": f"![](image:{image.name})"}), 201


@bp.get("/articles/images/<name>")
@requires(Permission.SIGNED_IN)
def show(name: str) -> ResponseReturnValue:
    """Show a picture to a colleague."""
    return _sent(images.get_image(name), INSIDE)


@bp.get("/help/images/<name>")
@requires(Permission.PUBLIC)
@limiter.limit("600 per minute")
def show_public(name: str) -> ResponseReturnValue:
    """Show a picture of a live public text to anybody."""
    return _sent(images.get_public_image(name), OUTSIDE)


def _sent(image: Image, caching: str) -> Response:
    response = make_response(image.data)
    response.headers["Content-Type"] = image.media_type
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = caching
    return response
