"""Pages of reviews: the queue, one review with everything a decision needs, asking and proposing."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database
from kcs.articles.layout import readable_parts
from kcs.articles.models import Significance
from kcs.articles.queries import get_article
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, StaleVersion
from kcs.i18n import day, translated
from kcs.people.access import Permission, current_agent, requires
from kcs.reviews import deciding, queries, services
from kcs.reviews.comments import Passage
from kcs.reviews.deciding import Amendment
from kcs.reviews.models import Asks, ReviewRequest
from kcs.reviews.queries import QueueList
from kcs.reviews.showing import proposal_form, review_page
from kcs.sentences import Sentence
from kcs.views import Listing, chosen
from workflow.article import Audience

bp = Blueprint("reviews", __name__, template_folder="templates")

DONE = {
    Asks.VALIDATE: Sentence("%(key)s is validated."),
    Asks.PUBLISH: Sentence("%(key)s is published."),
    Asks.CHANGE: Sentence("The proposed text is the present text of %(key)s now."),
}


@bp.get("/reviews")
@requires(Permission.SIGNED_IN)
def queue() -> ResponseReturnValue:
    """List the reviews that wait for this person, for anybody, and their own."""
    queue = chosen(QueueList, "list") or QueueList.ME
    page = Listing.asked_for(
        lambda number: queries.page_of_reviews(current_agent(), page=number, queue=queue)
    )
    counts = queries.count_by_list(current_agent())
    return render_template("reviews/queue.html", page=page, queue=queue, counts=counts, now=database.now())


@bp.get("/reviews/<int:review_id>")
@requires(Permission.SIGNED_IN)
def show(review_id: int) -> ResponseReturnValue:
    """Show a text with what changed in it, what was said about it, and what may be decided."""
    return review_page(queries.get_review(review_id, current_agent()))


@bp.post("/reviews/<int:review_id>/decisions")
@requires(Permission.WORK)
def decide(review_id: int) -> ResponseReturnValue:
    """Accept, send back, take over or take back."""
    return _act(review_id, lambda review: _decide(review, request.form.get("decision", "")))


def _decide(review: ReviewRequest, decision: str) -> str:
    """Do what the form says; return what to tell the person."""
    by, form = current_agent(), request.form
    match decision:
        case "accept":
            audience = form.get("audience", "")
            deciding.accept(
                review,
                by=by,
                seen=form.get("version", type=int),
                audience=Audience(audience) if audience in list(Audience) else None,
                amendment=_amendment(review) if "title" in form else None,
            )
            return translated(Sentence(str(DONE[review.asks]), key=review.article.key))
        case "return":
            words = form.get("text", "").strip()
            comments = (Passage(words),) if words else ()
            deciding.return_with_comments(review, by=by, comments=comments)
            if review.asked_by is None:
                return _("Sent back to its owner.")
            return _("Sent back to %(name)s.", name=review.asked_by.name)
        case "take":
            deciding.take(review, by=by)
            return _("It is yours now.")
        case "drop":
            services.drop(review, by=by)
            return _("Taken back: nobody is asked any more.")
    raise InvalidInput("'%(decision)s' is no decision: accept, return, take and drop are.", decision=decision)


@bp.post("/reviews/<int:review_id>/comments")
@requires(Permission.WORK)
def comment(review_id: int) -> ResponseReturnValue:
    """Say something about a passage, or about the whole."""
    form = request.form
    passage = Passage(form.get("text", ""), form.get("field", ""), form.get("quote", ""))

    def act(review: ReviewRequest) -> str:
        deciding.comment(review, passage, by=current_agent())
        return "Said."

    return _act(review_id, act)


@bp.post("/reviews/<int:review_id>/fix")
@requires(Permission.WORK)
def fix(review_id: int) -> ResponseReturnValue:
    """Mend the text on the way; the review goes on with the new version."""

    def act(review: ReviewRequest) -> str:
        version = deciding.mend(review, _amendment(review), by=current_agent())
        return _("Saved as version %(number)s.", number=version.number)

    return _act(review_id, act)


@bp.post("/reviews/<int:review_id>/resubmit")
@requires(Permission.WORK)
def resubmit(review_id: int) -> ResponseReturnValue:
    """Put a returned text before its reviewer again."""

    def act(review: ReviewRequest) -> str:
        services.resubmit(review, by=current_agent())
        return "Resubmitted."

    return _act(review_id, act)


@bp.post("/articles/<key>/reviews")
@requires(Permission.WORK)
def ask(key: str) -> ResponseReturnValue:
    """Ask for an article to be validated or published."""
    article = get_article(key, current_agent())
    asks = request.form.get("asks", "")
    if asks not in list(Asks):
        raise InvalidInput("'%(asks)s' cannot be asked for: validate and publish can.", asks=asks)
    review = services.ask_review(article, Asks(asks), by=current_agent(), note=request.form.get("note", ""))
    db.session.commit()
    flash(_asked(review), "success")
    return redirect(url_for("articles.show", key=key), code=303)


@bp.get("/articles/<key>/propose")
@requires(Permission.WORK)
def proposal(key: str) -> ResponseReturnValue:
    """Open an article's text for a proposal."""
    return proposal_form(get_article(key, current_agent()))


@bp.post("/articles/<key>/propose")
@requires(Permission.WORK)
def propose(key: str) -> ResponseReturnValue:
    """Propose a text; what is wrong with it is said beside what was typed."""
    article = get_article(key, current_agent())
    title, parts = _typed()
    significance = request.form.get("significance", "")
    try:
        review = services.propose(
            article,
            title,
            {**readable_parts(article.current_version, current_agent()), **parts},
            by=current_agent(),
            base=request.form.get("base", 0, type=int),
            note=request.form.get("note", ""),
            significance=Significance(significance) if significance in list(Significance) else None,
        )
        db.session.commit()
    except (InvalidInput, StaleVersion) as error:
        db.session.rollback()
        return proposal_form(get_article(key, current_agent()), (title, parts), error), error.status
    flash(_asked(review), "success")
    return _back(review.id)


def _typed() -> tuple[str, dict[str, str]]:
    parts = {
        name.removeprefix("part-"): text for name, text in request.form.items() if name.startswith("part-")
    }
    return request.form.get("title", ""), parts


def _amendment(review: ReviewRequest) -> Amendment:
    title, parts = _typed()
    kept = readable_parts(review.version, current_agent())
    return Amendment(title, {**kept, **parts}, request.form.get("base", 0, type=int))


def _asked(review: ReviewRequest) -> str:
    due = day(review.due_at)
    if review.assigned_to is None:
        return _("Asked: it waits in the queue for whoever may decide, until %(day)s.", day=due)
    return _("Asked %(name)s, until %(day)s.", name=review.assigned_to.name, day=due)


def _back(review_id: int) -> ResponseReturnValue:
    return redirect(url_for("reviews.show", review_id=review_id), code=303)


def _act(review_id: int, act: Callable[[ReviewRequest], str]) -> ResponseReturnValue:
    """Do what returns the words to say of it; refused, show the review as it is, why, and what was typed."""
    try:
        said = act(queries.get_review(review_id, current_agent()))
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        return review_page(queries.get_review(review_id, current_agent()), error), error.status
    flash(said, "success")
    return _back(review_id)
