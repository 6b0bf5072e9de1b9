"""What the editor asks for while somebody types: keep the text, preview, content standard, similar ones."""

from __future__ import annotations

import secrets

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs.articles import queries
from kcs.articles.models import Article
from kcs.articles.rendering import reader_markup
from kcs.authoring.checklist import examine
from kcs.authoring.forms import draft_of, edited
from kcs.authoring.queries import NEW, article_by_key, origin_of
from kcs.authoring.services import forget_unsaved, keep_unsaved
from kcs.authoring.similar import similar_to
from kcs.authoring.typed import Draft
from kcs.database import db
from kcs.extensions import limiter
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.search.queries import find
from kcs.words import ARTICLE_IS
from workflow.article import Audience

bp = Blueprint("assistance", __name__, template_folder="templates")

TITLES = 8


@bp.app_template_global("new_window")
def new_window() -> str:
    """Return a name for a window in which somebody begins to write."""
    return secrets.token_hex(4)


@bp.post("/articles/<key>/unsaved")
@requires(Permission.WORK)
@limiter.limit("240 per minute")
def keep(key: str) -> ResponseReturnValue:
    """Keep what was typed for an article, or for a new one under the key "new"."""
    _article(key)
    kept = keep_unsaved(current_agent(), key, edited())
    db.session.commit()
    return jsonify(saved_at=kept.saved_at.isoformat())


@bp.post("/articles/<key>/unsaved/discard")
@requires(Permission.WORK)
def discard(key: str) -> ResponseReturnValue:
    """Throw kept text away and open the editor with the present text."""
    article = _article(key)
    forget_unsaved(current_agent(), key)
    db.session.commit()
    return redirect(url_for("authoring.edit", key=key) if article else url_for("authoring.new"), code=303)


@bp.post("/articles/preview")
@requires(Permission.WORK)
@limiter.limit("240 per minute")
def preview() -> ResponseReturnValue:
    """Show the text in the editor as its readers get it."""
    draft = _draft()
    reader = Audience.PUBLIC if request.form.get("reader") == Audience.PUBLIC else current_agent()
    html = reader_markup(draft.as_version(), reader)
    return render_template("authoring/_preview.html", draft=draft, html=html)


@bp.post("/articles/assist")
@requires(Permission.WORK)
@limiter.limit("240 per minute")
def assist() -> ResponseReturnValue:
    """Try the content standard on the text in the editor, and look for articles that already say it."""
    draft = _draft()
    return render_template(
        "authoring/_assist.html",
        checks=examine(draft, current_agent(), patient=True),
        similar=similar_to(current_app.extensions["kcs.search"], draft, current_agent()),
        origin=origin_of(draft.article) if draft.article else None,
        draft=draft,
    )


@bp.get("/articles/titles")
@requires(Permission.WORK)
@limiter.limit("300 per minute")
def titles() -> ResponseReturnValue:
    """Return articles to link, found by words or by key."""
    words = request.args.get("q", "").strip()
    index = current_app.extensions["kcs.search"]
    hits = find(index, words, reader=current_agent(), limit=TITLES) if words else []
    found = [each.article for each in hits]
    named = article_by_key(words, current_agent())
    rows = {each.key: each for each in ([named] if named else []) + found}
    return jsonify(
        [
            {"key": key, "title": each.title, "state": translated(ARTICLE_IS[each.state])}
            for key, each in rows.items()
        ]
    )


def _draft() -> Draft:
    return draft_of(_article(request.form.get("subject", NEW)), edited())


def _article(key: str) -> Article | None:
    return None if key == NEW else queries.get_article(key, current_agent())
