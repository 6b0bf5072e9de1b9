"""Planning a move on an article's page: the panel, and the forms in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import words
from kcs.articles import rights
from kcs.articles.models import Article, PlanState
from kcs.articles.planning import PLANNABLE, cancel_plan, get_plan, plan_move, plans_of
from kcs.articles.queries import get_article
from kcs.config import Settings
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.access import Permission, current_agent, requires
from kcs.people.models import Agent
from kcs.sentences import Sentence
from workflow.article import Audience, Confidence, Move

bp = Blueprint("plans", __name__, template_folder="templates")

LONGEST_OFFSET = 14 * 60
WORDS = {
    Move.PUBLISH: Sentence("Publish"),
    Move.WITHDRAW: Sentence("Withdraw"),
    Move.ARCHIVE: Sentence("Archive"),
}
AUDIENCES = [(each.value, words.AUDIENCES[each]) for each in reversed(Audience) if each != "internal"]


@bp.post("/articles/<key>/plans")
@requires(Permission.WORK)
def create(key: str) -> ResponseReturnValue:
    """Plan a move of the present text."""
    article = get_article(key, current_agent())
    name, audience = request.form.get("move", ""), request.form.get("audience", "")
    if name not in list(Move):
        raise InvalidInput("'%(name)s' is no move of an article.", name=name)
    plan_move(
        article,
        Move(name),
        moment_of(request.form.get("at", ""), request.form.get("offset", "")),
        by=current_agent(),
        audience=Audience(audience) if audience in list(Audience) else None,
        reason=request.form.get("reason", ""),
    )
    db.session.commit()
    flash(_("Planned."), "success")
    return redirect(url_for("articles.show", key=key), code=303)


@bp.post("/articles/<key>/plans/<int:plan_id>/cancel")
@requires(Permission.WORK)
def cancel(key: str, plan_id: int) -> ResponseReturnValue:
    """Call a planned move off."""
    article = get_article(key, current_agent())
    cancel_plan(get_plan(article, plan_id), by=current_agent())
    db.session.commit()
    flash(_("Called off: nothing will happen."), "success")
    return redirect(url_for("articles.show", key=key), code=303)


def moment_of(local: str, offset: str) -> datetime:
    """Return the moment meant by a time of day: `offset` minutes ahead of UTC, else the organisation's time.

    Raises InvalidInput.
    """
    try:
        naive = datetime.fromisoformat(local).replace(tzinfo=None)
        minutes = int(offset) if offset else None
    except ValueError as error:
        raise InvalidInput(
            "'%(local)s' is no date with a time. Write it as 2026-03-01T08:00.",
            local=local,
            errors={"at": [Sentence("no date")]},
        ) from error
    if minutes is not None and abs(minutes) <= LONGEST_OFFSET:
        zone: timezone | ZoneInfo = timezone(timedelta(minutes=minutes))
    else:
        zone = ZoneInfo(_zone_name())
    try:
        return naive.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput(
            "'%(local)s' is too far away.", local=local, errors={"at": [Sentence("too far away")]}
        ) from error


def panel(article: Article, agent: Agent) -> str:
    """Return what is planned for an article and the form to plan more, empty when neither."""
    closed = article.confidence in (Confidence.ARCHIVED, Confidence.DELETED)
    moves = [
        (move.value, WORDS[move])
        for move in PLANNABLE
        if not closed and rights.authority_for(agent, article, move.right) is not None
    ]
    plans = [plan for plan in plans_of(article) if plan.state in (PlanState.WAITING, PlanState.REFUSED)]
    if not (moves or plans):
        return ""
    return render_template(
        "articles/_plans.html",
        article=article,
        plans=plans,
        moves=moves,
        may={move for move, _ in moves},
        words=WORDS,
        audiences=AUDIENCES,
        zone=_zone_name(),
    )


def _zone_name() -> str:
    settings: Settings = current_app.config["KCS"]
    return settings.timezone
