"""Who judges a review: who may, who is asked first, and by when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select

from kcs.articles import rights
from kcs.articles.domains import domain_of
from kcs.articles.models import Article, Version
from kcs.database import db
from kcs.people.models import Agent
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from workflow.article import Audience, Confidence
from workflow.permissions import Governance, Right, Standing, authority

SATURDAY = 5
AT_ONCE = 200


def deciding_right(article: Article, asks: Asks) -> Right:
    """Return the right that deciding needs: to do what is asked for."""
    return rights.edit_right(article) if asks is Asks.CHANGE else Right(asks.value)


def is_own(review: ReviewRequest, agent: Agent) -> bool:
    """Return whether this would be somebody deciding on their own text.

    A reviewer who mends the text on the way stays its reviewer.
    """
    if review.asked_by_id == agent.id:
        return True
    if review.asks is Asks.VALIDATE and review.article.author_id == agent.id:
        return True
    return review.version.author_id == agent.id and review.assigned_to_id != agent.id


def may_decide(agent: Agent, review: ReviewRequest) -> bool:
    """Return whether the review waits for a judgement and `agent` may give it."""
    if review.state is not ReviewState.OPEN or is_own(review, agent):
        return False
    return (
        rights.authority_for(agent, review.article, deciding_right(review.article, review.asks)) is not None
    )


def may_answer(agent: Agent, review: ReviewRequest) -> bool:
    """Return whether `agent` speaks for the text: who asked, or who stands for the article."""
    if review.asked_by_id == agent.id:
        return True
    article = review.article
    return review.asks is not Asks.CHANGE and agent.id in (article.author_id, article.owner_id)


def decidable_by(agent: Agent) -> ColumnElement[bool]:
    """Return as SQL what `may_decide` says; the query must join Article and Version."""
    own = or_(
        ReviewRequest.asked_by_id.is_not_distinct_from(agent.id),
        and_(
            ReviewRequest.asks == Asks.VALIDATE,
            Article.author_id.is_not_distinct_from(agent.id),
        ),
        and_(
            Version.author_id.is_not_distinct_from(agent.id),
            ReviewRequest.assigned_to_id.is_distinct_from(agent.id),
        ),
    )
    return and_(ReviewRequest.state == ReviewState.OPEN, not_(own), or_(false(), *_granted(agent)))


def _granted(agent: Agent) -> Iterator[ColumnElement[bool]]:
    """Yield the kinds of cases in which the table of rights lets `agent` decide."""
    owned = func.coalesce(Article.owner_id, Article.author_id).is_not_distinct_from(agent.id)
    validated = Article.confidence == Confidence.VALIDATED
    outside = and_(validated, Article.audience != Audience.INTERNAL)
    cases = (
        (Asks.VALIDATE, Right.VALIDATE, False, not_(validated)),
        (Asks.PUBLISH, Right.PUBLISH, True, validated),
        (Asks.CHANGE, Right.EDIT_PUBLISHED, True, outside),
        (Asks.CHANGE, Right.EDIT_INTERNAL, True, and_(validated, not_(outside))),
        (Asks.CHANGE, Right.EDIT_INTERNAL, False, not_(validated)),
    )
    table = rights.matrix()
    for asks, right, is_validated, case in cases:
        for governance in Governance:
            for owns in (True, False):
                standing = Standing(agent.licence, agent.roles, owns=owns)
                if authority(standing, right, governance, validated=is_validated, matrix=table):
                    yield and_(
                        ReviewRequest.asks == asks,
                        Article.governance == governance,
                        case,
                        owned if owns else not_(owned),
                    )


def reviewer_for(review: ReviewRequest, writer: Agent | None) -> Agent | None:
    """Return who is asked: the writer's coach, else who stands nearest to the article and may; or nobody."""
    article = review.article
    for candidate in _candidates(article, review.asks, writer):
        if candidate.active and _able(candidate, review):
            return candidate
    return None


def _able(agent: Agent, review: ReviewRequest) -> bool:
    """Return whether `agent` could decide, if the article's author is not asked about their own work."""
    if agent.id == review.article.author_id and review.asks is not Asks.CHANGE:
        return False
    return may_decide(agent, review)


def _candidates(article: Article, asks: Asks, writer: Agent | None) -> Iterator[Agent]:
    if writer is not None and writer.coach_id is not None:
        yield db.session.get_one(Agent, writer.coach_id)
    if article.owner is not None and asks is not Asks.VALIDATE:
        yield article.owner
    if asks is Asks.VALIDATE:
        yield from domain_of(article).experts
    yield from _least_busy(writer)


def _least_busy(writer: Agent | None) -> Iterator[Agent]:
    """Yield people with a licence or a role: the writer's team first, then who has the fewest reviews."""
    waiting = (
        select(func.count())
        .select_from(ReviewRequest)
        .where(ReviewRequest.assigned_to_id == Agent.id, ReviewRequest.state == ReviewState.OPEN)
        .scalar_subquery()
    )
    team = writer.team_id if writer is not None else None
    near = [Agent.team_id.is_distinct_from(team)] if team is not None else []
    query = select(Agent.id).where(Agent.active).order_by(*near, waiting, Agent.id)
    ids = db.session.execute(query).scalars().all()
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        found = {
            each.id: each for each in db.session.execute(select(Agent).where(Agent.id.in_(some))).scalars()
        }
        yield from (found[agent_id] for agent_id in some)


def working_days_later(moment: datetime, days: int) -> datetime:
    """Return the same time of day `days` working days on: Monday to Friday, no holidays known."""
    while days > 0:
        moment += timedelta(days=1)
        if moment.weekday() < SATURDAY:
            days -= 1
    return moment
