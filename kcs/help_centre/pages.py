"""The built-in help centre: what anybody may read, and only its live text."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from kcs.articles.layout import readable_parts
from kcs.articles.models import Version
from kcs.articles.queries import get_public_article, page_of_public_articles
from kcs.articles.rendering import reader_markup
from kcs.errors import NotFound
from kcs.extensions import limiter
from kcs.markup import to_markup
from kcs.people.access import Permission, requires
from kcs.search.queries import find
from kcs.views import Listing, page_number
from workflow.article import Audience

bp = Blueprint("help", __name__, url_prefix="/help", template_folder="templates")

RESULTS = 20


@bp.get("/")
@requires(Permission.PUBLIC)
@limiter.limit("120 per minute")
def index() -> ResponseReturnValue:
    """Show the latest articles and a search."""
    words = request.args.get("q", "").strip()[:1000]
    search = current_app.extensions["kcs.search"]
    found = find(search, words, reader=None, limit=RESULTS) if words else []
    page = Listing(page_of_public_articles(page=page_number()))
    articles = [each.article for each in found]
    return render_template("help/index.html", page=page, words=words, found=articles, issue_of=_issue_of)


@bp.get("/articles/<key>")
@requires(Permission.PUBLIC)
def article(key: str) -> ResponseReturnValue:
    """Show the live text of an article."""
    found = get_public_article(key)
    if found.live_version is None:
        raise NotFound("There is no such article.")
    html = reader_markup(found.live_version, Audience.PUBLIC)
    return render_template("help/article.html", article=found, version=found.live_version, html=html)


def _issue_of(version: Version) -> str:
    """Return what customers said they saw, as plain words."""
    return to_markup(readable_parts(version, Audience.PUBLIC).get("issue", "")).striptags()
