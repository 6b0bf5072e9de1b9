"""Pages about articles: find, read, write, and move them through their life."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs.articles import queries, rights, services
from kcs.articles.flags import flag_article
from kcs.articles.forms import edit_form, edited, refused_edit
from kcs.articles.models import Article
from kcs.articles.panels import panels_of
from kcs.articles.rendering import reader_markup
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, StaleVersion
from kcs.people.access import Permission, current_agent, requires
from kcs.views import Listing, chosen, page_number
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Right

bp = Blueprint("articles", __name__, template_folder="templates")

# What a button says, how it looks, what it asks before, and its key.
MOVES = {
    Move.COMPLETE: ("Ready for review", "primary", "", "c"),
    Move.VALIDATE: ("Validate", "primary", "", "v"),
    Move.PUBLISH: ("Publish", "primary", "Publish this text? Readers outside see it at once.", "p"),
    Move.DOUBT: ("Cast doubt", "", "", ""),
    Move.WITHDRAW: ("Withdraw", "danger", "Take this article away from readers outside?", ""),
    Move.ARCHIVE: (
        "Archive",
        "danger",
        "Archive this article? It leaves search; links and history stay.",
        "",
    ),
    Move.RESTORE: ("Restore", "", "", ""),
    Move.DELETE: ("Delete the draft", "danger", "Throw this draft away?", ""),
}
NEED_REASON = {Move.DOUBT, Move.WITHDRAW}


@bp.get("/articles")
@requires(Permission.SIGNED_IN)
def list_articles() -> ResponseReturnValue:
    """List articles, by state."""
    state = chosen(ArticleState, "state")
    page = Listing(queries.page_of_articles(current_agent(), page=page_number(), state=state))
    counts = queries.count_by_state(current_agent())
    return render_template("articles/list.html", page=page, state=state, counts=counts)


@bp.get("/articles/new")
@requires(Permission.WORK)
def new() -> ResponseReturnValue:
    """Offer an empty article."""
    return edit_form(None)


@bp.post("/articles/new")
@requires(Permission.WORK)
def create() -> ResponseReturnValue:
    """Begin an article."""
    try:
        title, parts, _ = edited()
        article = services.create_article(title, parts, by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return refused_edit(None, error)
    flash(f"{article.key} is saved as work in progress.", "success")
    return redirect(url_for("articles.show", key=article.key), code=303)


@bp.get("/articles/<key>")
@requires(Permission.SIGNED_IN)
def show(key: str) -> ResponseReturnValue:
    """Show an article with what this person may do with it."""
    return _page(queries.get_article(key, current_agent()))


def _page(article: Article, problem: str = "") -> str:
    moves = [(move, *MOVES[move]) for move in rights.open_moves(current_agent(), article)]
    return render_template(
        "articles/show.html",
        article=article,
        problem=problem,
        html=reader_markup(article.current_version, current_agent()),
        versions=queries.versions_of(article),
        flags=queries.open_flags(article),
        panels=panels_of(article, current_agent()),
        moves=moves,
        need_reason=NEED_REASON,
        audiences=[
            (each.value, each.value.capitalize()) for each in reversed(Audience) if each != "internal"
        ],
        may_edit=rights.may_edit(current_agent(), article),
        may_flag=rights.authority_for(current_agent(), article, Right.FLAG) is not None,
    )


@bp.get("/articles/<key>/edit")
@requires(Permission.WORK)
def edit(key: str) -> ResponseReturnValue:
    """Open an article for writing."""
    article = queries.get_article(key, current_agent())
    rights.require(current_agent(), article, rights.edit_right(article))
    return edit_form(article)


@bp.post("/articles/<key>/edit")
@requires(Permission.WORK)
def save(key: str) -> ResponseReturnValue:
    """Save a new version; somebody else's in between is shown beside, and nothing typed is lost."""
    article = queries.get_article(key, current_agent())
    try:
        title, posted, base = edited()
        # The form shows a plain article's body alone; its other parts stay.
        parts = {**article.current_version.parts, **posted}
        note = request.form.get("note", "")
        services.save_version(article, title, parts, by=current_agent(), base=base, note=note)
        db.session.commit()
    except (InvalidInput, StaleVersion) as error:
        db.session.rollback()
        return refused_edit(queries.get_article(key, current_agent()), error)
    flash("Saved.", "success")
    return redirect(url_for("articles.show", key=article.key), code=303)


@bp.post("/articles/<key>/moves/<name>")
@requires(Permission.WORK)
def move(key: str, name: str) -> ResponseReturnValue:
    """Make one move of the workflow; what refuses it is said on the article's page."""
    article = queries.get_article(key, current_agent())
    if name not in list(Move):
        raise InvalidInput(f"'{name}' is no move of an article.")
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
    flash(f"{article.key} is now {article.state.value.replace('_', ' ')}.", "success")
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
    flash("Flagged: thank you.", "success")
    return redirect(url_for("articles.show", key=key), code=303)


def _refused(key: str, error: KcsError) -> ResponseReturnValue:
    """Show the article as it is, with what stood in the way."""
    db.session.rollback()
    return _page(queries.get_article(key, current_agent()), error.message), error.status
