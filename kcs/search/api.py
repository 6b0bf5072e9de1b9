"""`GET /api/v1/search`: permitted articles, ranked, each with its reasons; and how a search could go on."""

from __future__ import annotations

from typing import Any

from flask import after_this_request, current_app
from flask_smorest import Blueprint

from kcs.extensions import limiter
from kcs.people.access import Permission, current_agent, requires
from kcs.search import answers, queries, schemas
from kcs.search.following import log_after, searched_now
from kcs.search.models import Place

bp = Blueprint("search_api", __name__, url_prefix="/api/v1", description="Find before you write")


@bp.route("/search")
@requires(Permission.SIGNED_IN)
@limiter.limit("300 per minute")
@bp.arguments(schemas.SearchIn, location="query")
@bp.response(200, schemas.FoundOut(many=True))
def search(args: dict[str, Any]) -> list[queries.Found]:
    """Find articles by words, phrases and filters."""
    index = current_app.extensions["kcs.search"]
    found = answers.answer(index, args["q"], reader=current_agent(), limit=args["limit"]).found
    searched = searched_now(Place.API, args["q"], [each.article.key for each in found], len(found))
    after_this_request(lambda response: log_after(response, searched))
    return found


@bp.route("/search/completions")
@requires(Permission.SIGNED_IN)
@limiter.limit("600 per minute")
@bp.arguments(schemas.CompletionsIn, location="query")
@bp.response(200, schemas.CompletionsOut)
def completions(args: dict[str, Any]) -> answers.Hints:
    """Say how a search could go on, how it may be meant, and what of it was not understood."""
    index = current_app.extensions["kcs.search"]
    return answers.hints(index, args["q"], reader=current_agent())
