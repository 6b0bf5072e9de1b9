"""Pages about articles: find, read, and move them through their life."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database, words
from kcs.articles import queries, rights, services
from kcs.articles.domains import domain_of
from kcs.articles.flags import flag_article
from kcs.articles.layout import template_of
from kcs.articles.models import Article
from kcs.articles.panels import panels_of
from kcs.articles.rendering import reader_markup
from kcs.articles.translations import living_group
from kcs.articles.trust import is_check_due, trust_of
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, MergedAway
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.sentences import Sentence
from kcs.views import Listing, chosen
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Right

bp = Blueprint("articles", __name__, template_folder="templates")

# What a button says, how it looks, what it asks before, and its key.
MOVES = {
    Move.COMPLETE: (Sentence("Ready for review"), "primary", "", "c"),
    Move.VALIDATE: (Sentence("Validate"), "primary", "", "v"),
    Move.PUBLISH: (
        Sentence("Publish"),
        "primary",
        Sentence("Publish this text? Readers outside see it at once."),
        "p",
    ),
    Move.DOUBT: (Sentence("Cast doubt"), "", "", ""),
    Move.WITHDRAW: (
        Sentence("Withdraw"),
        "danger",
        Sentence("Take this article away from readers outside?"),
        "",
    ),
    Move.ARCHIVE: (
        Sentence("Archive"),
        "danger",
        Sentence("Archive this article? It leaves search; links and history stay."),
        "",
    ),
    Move.RESTORE: (Sentence("Restore"), "", "", ""),
    Move.DELETE: (Sentence("Delete the draft"), "danger", Sentence("Throw this draft away?"), ""),
}
NEED_REASON = {Move.DOUBT, Move.WITHDRAW}


@bp.get("/articles")
@requires(Permission.SIGNED_IN)
def list_articles() -> ResponseReturnValue:
    """List articles, by state, or those of one's own that are due for a check."""
    state, due = chosen(ArticleState, "state"), "due" in request.args
    page = Listing.asked_for(
        lambda number: queries.page_of_articles(current_agent(), page=number, state=state, due=due)
    )
    return render_template(
        "articles/list.html",
        page=page,
        trust=trust_of(page.items, now=database.now()),
        state=state,
        due=due,
        counts=queries.count_by_state(current_agent()),
        due_count=queries.count_due(current_agent()),
    )


@bp.get("/articles/<key>")
@requires(Permission.SIGNED_IN)
def show(key: str) -> ResponseReturnValue:
    """Show an article with what this person may do with it; one that was merged leads to where it went."""
    try:
        return _page(queries.get_article(key, current_agent()))
    except MergedAway as error:
        return redirect(url_for("articles.show", key=error.into), code=301)


def _page(article: Article, problem: str = "") -> str:
    moves = [(move, *MOVES[move]) for move in rights.open_moves(current_agent(), article)]
    now = database.now()
    return render_template(
        "articles/show.html",
        article=article,
        problem=problem,
        html=reader_markup(article.current_version, current_agent()),
        trust=trust_of([article], now=now)[article.id],
        check_due=is_check_due(article, now),
        may_confirm=rights.may_confirm(current_agent(), article),
        may_merge=rights.may_merge(current_agent(), article),
        domain=domain_of(article),
        template=template_of(article.current_version),
        flags=queries.open_flags(article),
        panels=panels_of(article, current_agent()),
        languages=living_group(article),
        may_translate=rights.grant_for(current_agent(), Right.CREATE) is not None,
        moves=moves,
        need_reason=NEED_REASON,
        audiences=[(each.value, words.AUDIENCES[each]) for each in reversed(Audience) if each != "internal"],
        may_edit=rights.may_edit(current_agent(), article),
        may_flag=rights.authority_for(current_agent(), article, Right.FLAG) is not None,
    )


@bp.post("/articles/<key>/moves/<name>")
@requires(Permission.WORK)
def move(key: str, name: str) -> ResponseReturnValue:
    """Make one move of the workflow; what refuses it is said on the article's page."""
    article = queries.get_article(key, current_agent())
    if name not in list(Move):
        raise InvalidInput("'%(name)s' is no move of an article.", name=name)
    audience = request.form.get("audience", "")
    try:
        services.move_article(
            article,
            Move(name),
            by=current_agent(),
            audience=Audience(audience) if audience in list(Audience) else None,
            reason=request.form.get("reason", ""),
        )
        db.session.commit()
    except KcsError as error:
        return _refused(key, error)
    flash(
        _("%(key)s is now %(state)s.", key=article.key, state=translated(words.ARTICLE_IS[article.state])),
        "success",
    )
    gone = article.state is ArticleState.DELETED
    to = url_for("articles.list_articles") if gone else url_for("articles.show", key=key)
    return redirect(to, code=303)


@bp.post("/articles/<key>/flags")
@requires(Permission.WORK)
def flag(key: str) -> ResponseReturnValue:
    """Flag an article."""
    article = queries.get_article(key, current_agent())
    try:
        flag_article(article, request.form.get("reason", ""), by=current_agent())
        db.session.commit()
    except KcsError as error:
        return _refused(key, error)
    flash(_("Flagged: thank you."), "success")
    return redirect(url_for("articles.show", key=key), code=303)


@bp.post("/articles/<key>/confirm")
@requires(Permission.WORK)
def confirm(key: str) -> ResponseReturnValue:
    """Say that an article is still right."""
    article = queries.get_article(key, current_agent())
    try:
        services.confirm_article(article, by=current_agent())
        db.session.commit()
    except KcsError as error:
        return _refused(key, error)
    flash(_("Noted: still right."), "success")
    return redirect(url_for("articles.show", key=key), code=303)


def _refused(key: str, error: KcsError) -> ResponseReturnValue:
    """Show the article as it is, with what stood in the way."""
    db.session.rollback()
    return _page(queries.get_article(key, current_agent()), error.message), error.status
