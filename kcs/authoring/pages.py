"""Pages where articles are written: a new one, an edit, and two side by side."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs.articles import queries, rights, services
from kcs.articles.domains import GENERAL, domain_named
from kcs.articles.layout import template_of
from kcs.articles.models import Article
from kcs.articles.rendering import reader_markup
from kcs.authoring.forms import (
    NEEDS,
    SIGNIFICANCE,
    draft_of,
    edit_form,
    edited,
    fields_of,
    filled_parts,
    opened,
    refused_edit,
    render_form,
    switched,
    whole_parts,
)
from kcs.authoring.queries import NEW, unsaved_text
from kcs.authoring.services import forget_saved
from kcs.authoring.similar import Similar, similar_to
from kcs.authoring.typed import Typed
from kcs.authoring.writing_requests import open_request, wrote
from kcs.database import db
from kcs.errors import InvalidInput, StaleVersion
from kcs.people.access import Permission, current_agent, requires
from workflow.article import ArticleState

bp = Blueprint("authoring", __name__, template_folder="templates")

CONFLICT = 409


@bp.get("/articles/new")
@requires(Permission.WORK)
def new() -> ResponseReturnValue:
    """Offer an empty article."""
    return edit_form(None)


@bp.post("/articles/new")
@requires(Permission.WORK)
def create() -> ResponseReturnValue:
    """Begin an article; one that looks the same as another asks once."""
    typed = edited()
    if "layout" in request.form:
        return render_form(None, switched(typed))
    try:
        alike = _alike(None, typed)
        if alike:
            return render_form(None, typed, alike=alike), CONFLICT
        article = services.create_article(
            typed.title,
            filled_parts(typed),
            by=current_agent(),
            locale=typed.details.get("locale", "") if _source(typed) else typed.locale,
            tags=typed.tags,
            template=draft_of(None, typed).template.key,
            domain_id=_domain_id(typed),
            translation_of=_source(typed),
        )
        forget_saved(current_agent(), NEW, typed.details.get("window", ""))
        _settle_request(typed, article)
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return refused_edit(None, error)
    flash(_("%(key)s is saved as work in progress.", key=article.key), "success")
    return redirect(url_for("articles.show", key=article.key), code=303)


@bp.get("/articles/<key>/edit")
@requires(Permission.WORK)
def edit(key: str) -> ResponseReturnValue:
    """Open an article for writing."""
    return edit_form(_editable(key))


@bp.post("/articles/<key>/edit")
@requires(Permission.WORK)
def save(key: str) -> ResponseReturnValue:
    """Save a new version; somebody else's in between is shown beside, and nothing typed is lost.

    Asked for JSON, as by two editors on one page, it answers with what it did instead of a page.
    """
    article = queries.get_article(key, current_agent())
    typed = edited()
    if "layout" in request.form:
        return render_form(article, switched(typed))
    try:
        alike = _alike(article, typed)
        if alike:
            return render_form(article, typed, alike=alike), CONFLICT
        version = services.save_version(
            article,
            typed.title,
            whole_parts(article, typed),
            by=current_agent(),
            base=typed.base,
            note=typed.note,
            significance=typed.significance,
            template=_other_template(article, typed),
        )
        forget_saved(current_agent(), key, typed.details.get("window", ""))
        db.session.commit()
    except (InvalidInput, StaleVersion) as error:
        db.session.rollback()
        if _wants_json():
            return jsonify(message=error.message, errors=error.errors), error.status
        return refused_edit(queries.get_article(key, current_agent()), error)
    if _wants_json():
        return jsonify(number=version.number, html=str(reader_markup(version, current_agent())))
    flash(_("Saved."), "success")
    return redirect(url_for("articles.show", key=key), code=303)


@bp.get("/articles/compare")
@requires(Permission.WORK)
def compare() -> ResponseReturnValue:
    """Show two articles side by side, to read and, where one may, to edit; ask for those that are missing."""
    if not (request.args.get("left") and request.args.get("right")):
        return render_template("authoring/choose.html")
    sides = [
        _side(name, queries.get_article(request.args.get(name, ""), current_agent()))
        for name in ("left", "right")
    ]
    return render_template("authoring/compare.html", sides=sides, needs=NEEDS, significance=SIGNIFICANCE)


def _side(name: str, article: Article) -> dict[str, Any]:
    typed = opened(article)
    draft = draft_of(article, typed)
    return {
        "side": name,
        "article": article,
        "typed": typed,
        "draft": draft,
        "fields": fields_of(article, draft),
        "html": reader_markup(article.current_version, current_agent()),
        "may_edit": rights.may_edit(current_agent(), article),
        "kept": unsaved_text(current_agent(), article.key),
    }


def _editable(key: str) -> Article:
    article = queries.get_article(key, current_agent())
    rights.require(current_agent(), article, rights.edit_right(article))
    return article


def _alike(article: Article | None, typed: Typed) -> list[Similar]:
    """Return the articles that look the same: for a draft's first save alone, until the author was told."""
    first = article is None or (article.state is ArticleState.WIP and article.current_version.number == 1)
    if not first or "seen" in request.form or not typed.title or _source(typed) is not None:
        return []
    index = current_app.extensions["kcs.search"]
    found = similar_to(index, draft_of(article, typed), current_agent())
    return [each for each in found if each.looks_same]


def _source(typed: Typed) -> Article | None:
    """Return the article that the new one is a translation of."""
    key = typed.details.get("translation_of")
    return queries.get_article(key, current_agent()) if key else None


def _settle_request(typed: Typed, article: Article) -> None:
    """Take what somebody was asked to write off their list; one that is off it already stays so."""
    number = typed.details.get("writing_request", "")
    known = number.isascii() and number.isdecimal() and len(number) < 10
    asked = open_request(int(number), current_agent()) if known else None
    if asked is not None:
        wrote(asked, article, by=current_agent())


def _other_template(article: Article, typed: Typed) -> str | None:
    """Return the template the text moves to, None when it stays in its own, be that still there or not."""
    own = template_of(article.current_version).key
    return typed.template if typed.template not in ("", own) else None


def _domain_id(typed: Typed) -> int | None:
    key = typed.details.get("domain", GENERAL)
    return domain_named(key).id if key != GENERAL else None


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
