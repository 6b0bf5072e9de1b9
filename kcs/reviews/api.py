"""Reviews over HTTP: ask, propose, list, read, decide, comment."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from kcs.articles.api import named_version
from kcs.articles.layout import readable_parts
from kcs.articles.queries import get_article
from kcs.database import db
from kcs.people.access import Permission, current_agent, requires
from kcs.reviews import deciding, queries, schemas, services
from kcs.reviews.comments import Passage
from kcs.reviews.deciding import Amendment
from kcs.reviews.models import ReviewRequest
from kcs.reviews.schemas import Decision

bp = Blueprint(
    "reviews_api", __name__, url_prefix="/api/v1", description="Reviews of texts, and proposed changes"
)


@bp.route("/articles/<key>/reviews", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.ReviewIn)
@bp.response(201, schemas.ReviewOut)
def ask(args: dict[str, Any], key: str) -> ReviewRequest:
    """Ask for an article to be validated or published; asking again gives the same review."""
    article = get_article(key, current_agent())
    review = services.ask_review(article, args["asks"], by=current_agent(), note=args["note"])
    db.session.commit()
    return review


@bp.route("/articles/<key>/proposals", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.ProposalIn)
@bp.response(201, schemas.ReviewOut)
def propose(args: dict[str, Any], key: str) -> ReviewRequest:
    """Propose a text on top of the one named by If-Match; the next of the same person takes its place."""
    article = get_article(key, current_agent())
    present = article.current_version
    review = services.propose(
        article,
        args.get("title", present.title),
        {**readable_parts(present, current_agent()), **args["parts"]},
        by=current_agent(),
        base=named_version(),
        note=args["note"],
        significance=args.get("significance"),
    )
    db.session.commit()
    return review


@bp.route("/reviews")
@requires(Permission.SIGNED_IN)
@bp.arguments(schemas.ReviewListIn, location="query")
@bp.response(200, schemas.ReviewPageOut)
def list_reviews(args: dict[str, Any]) -> object:
    """List reviews: those of one of the caller's lists, or all, latest first."""
    return queries.page_of_reviews(current_agent(), **args)


@bp.route("/reviews/<int:review_id>")
@requires(Permission.SIGNED_IN)
@bp.response(200, schemas.ReviewOut)
def read(review_id: int) -> ReviewRequest:
    """Read a review with its text and comments."""
    return queries.get_review(review_id, current_agent())


@bp.route("/reviews/<int:review_id>/decisions", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.DecisionIn)
@bp.response(200, schemas.ReviewOut)
def decide(args: dict[str, Any], review_id: int) -> ReviewRequest:
    """Accept, return, take, drop or resubmit: 403 without the right, 409 when the text or state changed."""
    review = queries.get_review(review_id, current_agent())
    _decide(review, args)
    db.session.commit()
    return review


@bp.route("/reviews/<int:review_id>/comments", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.CommentIn)
@bp.response(201, schemas.ReviewOut)
def comment(args: dict[str, Any], review_id: int) -> ReviewRequest:
    """Say something about a passage or the whole: the reviewer, or its author in answer."""
    review = queries.get_review(review_id, current_agent())
    deciding.comment(review, Passage(**args), by=current_agent())
    db.session.commit()
    return review


def _decide(review: ReviewRequest, args: dict[str, Any]) -> None:
    by = current_agent()
    match args["decision"]:
        case Decision.ACCEPT:
            deciding.accept(
                review,
                by=by,
                seen=args.get("version"),
                audience=args.get("audience"),
                amendment=_amendment(review, args),
            )
        case Decision.RETURN:
            comments = tuple(Passage(**each) for each in args["comments"])
            deciding.return_with_comments(review, by=by, comments=comments)
        case Decision.DROP:
            services.drop(review, by=by)
        case Decision.TAKE:
            deciding.take(review, by=by)
        case Decision.RESUBMIT:
            services.resubmit(review, by=by)


def _amendment(review: ReviewRequest, args: dict[str, Any]) -> Amendment | None:
    if "title" not in args and "parts" not in args:
        return None
    kept = readable_parts(review.version, current_agent())
    return Amendment(args.get("title", review.version.title), {**kept, **args.get("parts", {})}, args["base"])
