"""`GET /api/v1/search`: permitted articles, ranked, each with its reasons."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from kcs.extensions import limiter
from kcs.people.access import Permission, current_agent, requires
from kcs.search import queries, schemas

bp = Blueprint("search_api", __name__, url_prefix="/api/v1", description="Find before you write")


@bp.route("/search")
@requires(Permission.SIGNED_IN)
@limiter.limit("300 per minute")
@bp.arguments(schemas.SearchIn, location="query")
@bp.response(200, schemas.FoundOut(many=True))
def search(args: dict[str, Any]) -> list[queries.Found]:
    """Find articles by words."""
    index = current_app.extensions["kcs.search"]
    return queries.find(index, args["q"], reader=current_agent(), limit=args["limit"])
