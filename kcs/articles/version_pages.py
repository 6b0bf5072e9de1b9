"""Pages about an article's history."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs.articles import history, queries, rights
from kcs.articles.models import Article, Version
from kcs.articles.rendering import reader_markup
from kcs.database import db
from kcs.errors import KcsError
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires

bp = Blueprint("versions", __name__, template_folder="templates")


@bp.get("/articles/<key>/versions")
@requires(Permission.SIGNED_IN)
def list_versions(key: str) -> ResponseReturnValue:
    """List an article's versions: who wrote each, when, why, and how much it changed."""
    article = queries.get_article(key, current_agent())
    versions = queries.versions_of(article)
    return render_template(
        "articles/versions.html",
        article=article,
        versions=versions,
        taken=history.taken_over(article, versions),
    )


@bp.get("/articles/<key>/versions/<int:number>")
@requires(Permission.SIGNED_IN)
def show(key: str, number: int) -> ResponseReturnValue:
    """Show one version: what it changed against the one before, or the one asked for, and its whole text."""
    article = queries.get_article(key, current_agent())
    version = history.get_version(article, number)
    against = request.args.get("against", 0, type=int)
    old = history.get_version(article, against) if against else version.base or _before(article, number)
    return render_template(
        "articles/version.html",
        article=article,
        version=version,
        old=old,
        others=[
            (str(each.number), f"{each.number}")
            for each in queries.versions_of(article)
            if each.id != version.id
        ],
        changes=history.changes_between(old, version, current_agent()) if old else None,
        html=reader_markup(version, current_agent()),
        may_restore=version.id != article.current_version_id and rights.may_edit(current_agent(), article),
    )


@bp.post("/articles/<key>/versions/<int:number>/restore")
@requires(Permission.WORK)
def restore(key: str, number: int) -> ResponseReturnValue:
    """Write an old text as a new version."""
    article = queries.get_article(key, current_agent())
    try:
        base = request.form.get("base", 0, type=int)
        version = history.restore_version(article, number, by=current_agent(), base=base)
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        flash(translated(error.message), "error")
        return redirect(url_for("versions.show", key=key, number=number), code=303)
    flash(
        _("Version %(old)s is restored as version %(number)s.", old=number, number=version.number), "success"
    )
    return redirect(url_for("articles.show", key=key), code=303)


def _before(article: Article, number: int) -> Version | None:
    return history.get_version(article, number - 1) if number > 1 else None
