"""Moves made at a later moment: with the planner's rights then, and for the planned text alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.models import Article, PlannedMove, PlanState, Version
from kcs.articles.services import lock, move_article
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, NotAllowed, NotFound, WorkflowError
from kcs.outbox import services as outbox
from kcs.outbox.services import EffectClaim
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.text import clean
from kcs.words import ARTICLE_IS, PLAN_IS
from workflow.article import Audience, Confidence, Move

EFFECT = "article.move"
PLANNABLE = (Move.PUBLISH, Move.WITHDRAW, Move.ARCHIVE)


def plan_move(
    article: Article,
    move: Move,
    at: datetime,
    *,
    by: Agent,
    audience: Audience | None = None,
    reason: str = "",
) -> PlannedMove:
    """Have the present text published, withdrawn or archived at a later moment; the same plan again is one.

    The right is needed now and again when the move is made. Whether the article's state allows it is seen
    then: what will be withdrawn on Friday may have to be published on Monday first. Raises NotAllowed,
    InvalidInput, WorkflowError.
    """
    lock(article)
    if move not in PLANNABLE:
        raise InvalidInput(
            "'%(move)s' cannot be planned: only %(plannable)s can.",
            move=move,
            plannable=", ".join(PLANNABLE),
            errors={"move": [Sentence("not plannable")]},
        )
    grant = rights.require(by, article, move.right)
    if article.confidence in (Confidence.ARCHIVED, Confidence.DELETED):
        raise WorkflowError(
            "An article that is %(confidence)s has no moves to plan: restore it first.",
            confidence=ARTICLE_IS[article.confidence],
        )
    reason = clean(reason, limit=2000).strip()
    _refuse_unfit(move, at, audience, reason)
    audience = audience if move is Move.PUBLISH else None
    present = _same(article, move, at, audience)
    if present is not None:
        return present
    plan = PlannedMove(
        article_id=article.id,
        version_id=article.current_version_id,
        move=move,
        audience=audience,
        reason=reason,
        at=at,
        agent_id=by.id,
        state=PlanState.WAITING,
        created_at=database.now(),
    )
    db.session.add(plan)
    db.session.flush()
    outbox.write(EFFECT, subject=f"article:{article.id}", payload={"plan_id": plan.id}, not_before=at)
    _note("planned", plan, by, grant)
    return plan


def cancel_plan(plan: PlannedMove, *, by: Agent) -> PlannedMove:
    """Call a planned move off; again is no error.

    For whoever planned it, and whoever could make the move. Raises NotAllowed, WorkflowError.
    """
    _hold(plan)
    if plan.state is PlanState.CANCELLED:
        return plan
    grant = rights.authority_for(by, plan.article, plan.move.right)
    if grant is None and plan.agent_id != by.id:
        raise NotAllowed("You may not call this off: %(name)s, who planned it, may.", name=plan.agent.name)
    if plan.state is not PlanState.WAITING:
        raise WorkflowError(
            "This move is %(state)s already: it cannot be called off any more.", state=PLAN_IS[plan.state]
        )
    _settle(plan, PlanState.CANCELLED)
    _note("plan_cancelled", plan, by, grant or "planner")
    return plan


def make_planned_move(claim: EffectClaim) -> None:
    """Make a planned move whose moment has come; what refuses it is kept with the plan, in words.

    Refused is final: what nobody looked at meanwhile is not tried again behind their back.
    """
    plan = db.session.get_one(PlannedMove, claim.payload["plan_id"])
    claim.hold()
    _hold(plan)
    if plan.state is PlanState.WAITING:
        db.session.refresh(plan.agent)
        _make(plan)
    claim.finish(plan.problem)
    db.session.commit()


def plans_of(article: Article) -> list[PlannedMove]:
    """Return the latest twenty plans of an article: those that wait first, the next one at the top."""
    query = (
        select(PlannedMove)
        .where(PlannedMove.article_id == article.id)
        .order_by((PlannedMove.state != PlanState.WAITING), PlannedMove.at, PlannedMove.id)
    )
    return list(db.session.execute(query.limit(20)).scalars())


def get_plan(article: Article, plan_id: int) -> PlannedMove:
    """Return a plan of this article. Raises NotFound."""
    plan = db.session.get(PlannedMove, plan_id)
    if plan is None or plan.article_id != article.id:
        raise NotFound("%(key)s has no planned move %(plan_id)s.", key=article.key, plan_id=plan_id)
    return plan


def _refuse_unfit(move: Move, at: datetime, audience: Audience | None, reason: str) -> None:
    if at <= database.now():
        raise InvalidInput(
            "This moment is over: choose a later one, or make the move now.",
            errors={"at": [Sentence("in the past")]},
        )
    if move is Move.PUBLISH and audience in (None, Audience.INTERNAL):
        raise InvalidInput(
            "Name the audience to publish to: partner, customer or public.",
            errors={"audience": [Sentence("needed")]},
        )
    if move is Move.WITHDRAW and not reason:
        raise InvalidInput("Say why: a reason is needed.", errors={"reason": [Sentence("needed")]})


def _same(article: Article, move: Move, at: datetime, audience: Audience | None) -> PlannedMove | None:
    query = select(PlannedMove).where(
        PlannedMove.article_id == article.id,
        PlannedMove.version_id == article.current_version_id,
        PlannedMove.move == move,
        PlannedMove.at == at,
        PlannedMove.audience.is_not_distinct_from(audience),
        PlannedMove.state == PlanState.WAITING,
    )
    return db.session.execute(query.limit(1)).scalar_one_or_none()


def _make(plan: PlannedMove) -> None:
    try:
        with db.session.begin_nested():
            _refuse_unless_as_planned(plan)
            move_article(
                plan.article,
                plan.move,
                by=plan.agent,
                audience=plan.audience,
                reason=plan.reason or "planned",
            )
    except KcsError as error:
        _settle(plan, PlanState.REFUSED, error.message)
        _note("plan_refused", plan, plan.agent, "system")
    else:
        _settle(plan, PlanState.DONE)


def _refuse_unless_as_planned(plan: PlannedMove) -> None:
    if not plan.agent.active:
        raise NotAllowed("%(name)s, who planned this, is no longer here: plan it anew.", name=plan.agent.name)
    if plan.article.current_version_id != plan.version_id:
        planned = db.session.get_one(Version, plan.version_id).number
        raise WorkflowError(
            "The text has changed since: version %(planned)s was planned, the present one is %(present)s. "
            "Read it, and plan it anew.",
            planned=planned,
            present=plan.article.current_version.number,
        )


def _hold(plan: PlannedMove) -> None:
    lock(plan.article)
    db.session.execute(select(PlannedMove.id).where(PlannedMove.id == plan.id).with_for_update())
    db.session.refresh(plan)


def _settle(plan: PlannedMove, state: PlanState, problem: str = "") -> None:
    plan.state, plan.problem, plan.settled_at = state, problem, database.now()
    db.session.flush()


def _note(act: str, plan: PlannedMove, by: Agent, grant: str) -> None:
    record(
        f"article.{act}",
        authority=grant,
        agent=by,
        article_id=plan.article_id,
        detail={"plan_id": plan.id, "move": plan.move.value, "version_id": plan.version_id},
    )
