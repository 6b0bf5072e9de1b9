"""Pages about what people say of articles: the queues of flags and feedback, and a panel on every article."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_sqlalchemy.pagination import Pagination

from kcs import database
from kcs.articles import rights
from kcs.articles.flags import decline_flag
from kcs.articles.models import Article, Flag, FlagLevel
from kcs.articles.queries import get_article
from kcs.articles.routing import authority_to_answer
from kcs.articles.trust import trust_of
from kcs.database import db
from kcs.errors import KcsError
from kcs.i18n import translated
from kcs.improving import queries, services
from kcs.improving.models import Feedback
from kcs.improving.queries import Queue
from kcs.people.access import Permission, current_agent, may, requires
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.views import Listing, chosen

bp = Blueprint("improving", __name__, template_folder="templates")

LEVEL_WORDS = {
    FlagLevel.OWNER: Sentence("owner"),
    FlagLevel.COACH: Sentence("coach"),
    FlagLevel.EXPERT: Sentence("domain expert"),
}


@bp.get("/flags")
@requires(Permission.SIGNED_IN)
def flags() -> ResponseReturnValue:
    """List flags: those that wait with this person, all open ones, or those they raised."""
    return _flags_page()


@bp.post("/flags/<int:flag_id>/decline")
@requires(Permission.WORK)
def decline(flag_id: int) -> ResponseReturnValue:
    """Close a flag because nothing is to change."""
    flag = queries.get_flag(flag_id, current_agent())
    try:
        decline_flag(flag, by=current_agent(), answer=request.form.get("answer", ""))
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        return _flags_page(problem=error.message), error.status
    flash(_("Closed: %(name)s sees why.", name=flag.agent.name), "success")
    return redirect(url_for("improving.flags", list=request.form.get("list", Queue.MINE.value)), code=303)


@bp.get("/feedback")
@requires(Permission.SIGNED_IN)
def feedback() -> ResponseReturnValue:
    """List feedback with words: what waits with this person, all that is open, or their own."""
    return _feedback_page()


@bp.post("/feedback/<int:feedback_id>/take")
@requires(Permission.WORK)
def take(feedback_id: int) -> ResponseReturnValue:
    """Take feedback on."""
    return _with_feedback(
        feedback_id, lambda each: services.take_feedback(each, by=current_agent()), _("It is yours now.")
    )


@bp.post("/feedback/<int:feedback_id>/answer")
@requires(Permission.WORK)
def answer(feedback_id: int) -> ResponseReturnValue:
    """Tell whoever gave it what came of it."""
    words = request.form.get("answer", "")
    return _with_feedback(
        feedback_id,
        lambda each: services.answer_feedback(each, words, by=current_agent()),
        _("Answered: whoever wrote it sees your words."),
    )


@bp.post("/feedback/<int:feedback_id>/close")
@requires(Permission.WORK)
def close(feedback_id: int) -> ResponseReturnValue:
    """Close what needs no answer."""
    return _with_feedback(
        feedback_id,
        lambda each: services.close_feedback(each, by=current_agent()),
        _("Closed without an answer."),
    )


@bp.post("/articles/<key>/feedback")
@requires(Permission.SIGNED_IN)
def give(key: str) -> ResponseReturnValue:
    """Rate an article or say something of it, as a colleague."""
    article = get_article(key, current_agent())
    helpful = {"yes": True, "no": False}.get(request.form.get("helpful", ""))
    try:
        services.give_feedback(
            article,
            article.current_version,
            helpful=helpful,
            comment=request.form.get("comment", ""),
            by=current_agent(),
        )
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        flash(translated(error.message), "error")
    else:
        flash(_("Thank you: noted."), "success")
    return redirect(url_for("articles.show", key=key), code=303)


@bp.post("/articles/<key>/watch")
@requires(Permission.SIGNED_IN)
def watch(key: str) -> ResponseReturnValue:
    """Hear of changes to an article from now on, or no more."""
    article = get_article(key, current_agent())
    if request.form.get("on", "1") == "1":
        services.watch(article, by=current_agent())
        said = _("You hear of its changes in your weekly digest.")
    else:
        services.unwatch(article, by=current_agent())
        said = _("You hear of its changes no more.")
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("articles.show", key=key), code=303)


def panel(article: Article, agent: Agent) -> str:
    """Show on an article's page how readers rate it, and what this person said of it."""
    return render_template(
        "improving/_panel.html",
        article=article,
        ratings=queries.ratings_of(article),
        waiting=queries.count_open_feedback(article),
        own_flags=queries.own_flags(article, agent),
        own_feedback=queries.own_feedback(article, agent),
        watches=queries.watches(agent, article),
    )


def waiting_for(agent: Agent) -> int:
    """Return how much waits for this person: the number beside "Improve"."""
    return queries.count_flags(Queue.MINE, agent) + queries.count_feedback(Queue.MINE, agent)


def _with_feedback(feedback_id: int, act: Callable[[Feedback], None], said: str) -> ResponseReturnValue:
    found = queries.get_feedback(feedback_id, current_agent())
    try:
        act(found)
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        return _feedback_page(problem=error.message), error.status
    flash(said, "success")
    return redirect(url_for("improving.feedback", list=request.form.get("list", Queue.MINE.value)), code=303)


def _flags_page(problem: str = "") -> str:
    return render_template("improving/flags.html", problem=problem, **_context(queries.page_of_flags))


def _feedback_page(problem: str = "") -> str:
    return render_template("improving/feedback.html", problem=problem, **_context(queries.page_of_feedback))


def _which() -> Queue:
    given = request.form.get("list", "")
    return Queue(given) if given in list(Queue) else chosen(Queue, "list") or Queue.MINE


def _only_article() -> Article | None:
    key = request.args.get("article", "")
    return get_article(key, current_agent()) if key else None


def _context(page_of: Callable[..., Pagination]) -> dict[str, object]:
    which, only, agent = _which(), _only_article(), current_agent()
    page = Listing.asked_for(lambda number: page_of(which, agent, page=number, article=only))
    said: list[Flag | Feedback] = page.items
    works = may(agent, Permission.WORK)
    return {
        "page": page,
        "which": which,
        "only": only,
        "trust": trust_of({each.article for each in said}, now=database.now()),
        "editable": {each.article_id for each in said if rights.may_edit(agent, each.article)},
        "answerable": {
            each.id
            for each in said
            if works and authority_to_answer(agent, each.article, each.assigned_to_id)
        },
        "levels": LEVEL_WORDS,
        "flag_counts": {each: queries.count_flags(each, agent) for each in (Queue.MINE, Queue.OPEN)},
        "feedback_counts": {each: queries.count_feedback(each, agent) for each in (Queue.MINE, Queue.OPEN)},
    }
