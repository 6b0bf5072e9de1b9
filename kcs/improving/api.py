"""What people say of articles, over HTTP: flags, feedback, and that an article is still right."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from kcs.articles import services as articles
from kcs.articles.flags import decline_flag
from kcs.articles.models import Article, Flag
from kcs.articles.queries import get_article
from kcs.articles.schemas import ArticleOut
from kcs.database import db
from kcs.improving import queries, schemas, services
from kcs.improving.models import Feedback
from kcs.people.access import Permission, current_agent, requires

bp = Blueprint("improving_api", __name__, url_prefix="/api/v1", description="What people say of articles")


@bp.route("/flags")
@requires(Permission.SIGNED_IN)
@bp.arguments(schemas.QueueIn, location="query")
@bp.response(200, schemas.FlagPageOut)
def list_flags(args: dict[str, Any]) -> object:
    """List flags: those that wait with you, all open ones, or those you raised."""
    return queries.page_of_flags(args["list"], current_agent(), page=args["page"])


@bp.route("/flags/<int:flag_id>/decline", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.AnswerIn)
@bp.response(200, schemas.FlagRowOut)
def decline(args: dict[str, Any], flag_id: int) -> Flag:
    """Close a flag because nothing is to change, and say why."""
    flag = queries.get_flag(flag_id, current_agent())
    decline_flag(flag, by=current_agent(), answer=args["answer"])
    db.session.commit()
    return flag


@bp.route("/feedback")
@requires(Permission.SIGNED_IN)
@bp.arguments(schemas.QueueIn, location="query")
@bp.response(200, schemas.FeedbackPageOut)
def list_feedback(args: dict[str, Any]) -> object:
    """List feedback with words: what waits with you, all that is open, or your own."""
    return queries.page_of_feedback(args["list"], current_agent(), page=args["page"])


@bp.route("/feedback/<int:feedback_id>/answer", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.AnswerIn)
@bp.response(200, schemas.FeedbackOut)
def answer(args: dict[str, Any], feedback_id: int) -> Feedback:
    """Tell whoever gave it what came of it."""
    feedback = queries.get_feedback(feedback_id, current_agent())
    services.answer_feedback(feedback, args["answer"], by=current_agent())
    db.session.commit()
    return feedback


@bp.route("/articles/<key>/feedback", methods=["POST"])
@requires(Permission.SIGNED_IN)
@bp.arguments(schemas.FeedbackIn)
@bp.response(201, schemas.FeedbackOut)
def give(args: dict[str, Any], key: str) -> Feedback:
    """Rate an article, say something of it, or both."""
    article = get_article(key, current_agent())
    feedback = services.give_feedback(article, article.current_version, by=current_agent(), **args)
    db.session.commit()
    return feedback


@bp.route("/articles/<key>/confirmations", methods=["POST"])
@requires(Permission.WORK)
@bp.response(200, ArticleOut)
def confirm(key: str) -> Article:
    """Say that a validated article is still right."""
    article = get_article(key, current_agent())
    articles.confirm_article(article, by=current_agent())
    db.session.commit()
    return article
