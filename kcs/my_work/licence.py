"""One person's way to the next licence: which reviews count, and what is missing.

A review counts once it is accepted, since the present licence was granted. What it is worth is whether the
text stood as written: it was neither sent back nor changed by somebody else. Nothing here grants a licence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.articles.queries import readable_by
from kcs.config import Settings
from kcs.database import db
from kcs.people.models import Agent, LicenceGrant
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from kcs.reviews.queries import ACTIVE
from workflow.permissions import Licence

NEXT = {Licence.CANDIDATE: Licence.CONTRIBUTOR, Licence.CONTRIBUTOR: Licence.PUBLISHER}
# Reviews of texts for colleagues lead to contributor, those of texts for readers outside to publisher.
COUNTED = {
    Licence.CONTRIBUTOR: (Asks.VALIDATE, Asks.CHANGE),
    Licence.PUBLISHER: (Asks.PUBLISH, Asks.CHANGE),
}


class Outcome(StrEnum):
    """What became of a text in review."""

    AS_WRITTEN = "as_written"
    REWORKED = "reworked"


@dataclass(frozen=True)
class Rules:
    """How many reviews are looked at for each licence, and how many percent must stand as written."""

    reviews: dict[Licence, int]
    percent: int


@dataclass(frozen=True)
class Judged:
    """A review that counts."""

    review: ReviewRequest
    outcome: Outcome


@dataclass(frozen=True)
class Way:
    """Where somebody stands. `next` None: there is no further licence, or none to begin from.

    Of the latest `needed` reviews (`judged`, newest first) at least `percent` % must stand as written;
    `missing` is how many more that stand would do; `waiting` reviews are not decided yet.
    """

    licence: Licence | None
    since: datetime | None
    coach: Agent | None
    next: Licence | None = None
    needed: int = 0
    percent: int = 0
    judged: tuple[Judged, ...] = ()
    waiting: int = 0

    @property
    def passed(self) -> int:
        """How many of the reviews that count stand as written."""
        return sum(each.outcome is Outcome.AS_WRITTEN for each in self.judged)

    @property
    def missing(self) -> int:
        """How many more reviews that stand as written are needed."""
        return missing_reviews([each.outcome for each in self.judged], self.needed, self.percent)


def rules_of(settings: Settings) -> Rules:
    """Return what this organisation asks for before each licence."""
    return Rules(
        {
            Licence.CONTRIBUTOR: settings.contributor_reviews,
            Licence.PUBLISHER: settings.publisher_reviews,
        },
        settings.review_pass_percent,
    )


def way_of(agent: Agent, rules: Rules) -> Way:
    """Return how far somebody is on the way to the next licence."""
    since = _granted_at(agent)
    coach = db.session.get(Agent, agent.coach_id) if agent.coach_id is not None else None
    coach = coach if coach is not None and coach.active else None
    following = NEXT.get(agent.licence) if agent.licence is not None else None
    if following is None:
        return Way(agent.licence, since, coach)
    needed = rules.reviews[following]
    return Way(
        agent.licence,
        since,
        coach,
        next=following,
        needed=needed,
        percent=rules.percent,
        judged=_judged(agent, following, since, needed),
        waiting=_waiting(agent, following),
    )


def missing_reviews(outcomes: Sequence[Outcome], needed: int, percent: int) -> int:
    """Return how many more reviews must stand as written; `outcomes` are those so far, newest first."""
    if needed == 0:
        return 0
    enough = -(-needed * percent // 100)
    for more in range(needed + 1):
        looked_at = outcomes[: needed - more]
        stand = more + sum(each is Outcome.AS_WRITTEN for each in looked_at)
        if more + len(looked_at) == needed and stand >= enough:
            return more
    return needed


def _granted_at(agent: Agent) -> datetime | None:
    query = select(LicenceGrant.granted_at).where(
        LicenceGrant.agent_id == agent.id, LicenceGrant.licence.is_not_distinct_from(agent.licence)
    )
    return db.session.execute(query.order_by(LicenceGrant.id.desc()).limit(1)).scalar_one_or_none()


def _judged(agent: Agent, following: Licence, since: datetime | None, limit: int) -> tuple[Judged, ...]:
    query = _asked_by(agent, following).where(ReviewRequest.state == ReviewState.ACCEPTED)
    if since is not None:
        query = query.where(ReviewRequest.decided_at >= since)
    query = query.order_by(ReviewRequest.decided_at.desc(), ReviewRequest.id.desc()).limit(limit)
    reviews = list(
        db.session.execute(
            query.options(
                contains_eager(ReviewRequest.article),
                contains_eager(ReviewRequest.version),
                joinedload(ReviewRequest.decided_by),
            )
        ).scalars()
    )
    returned = _returned(reviews)
    return tuple(Judged(each, _outcome(each, agent, returned)) for each in reviews)


def _waiting(agent: Agent, following: Licence) -> int:
    query = _asked_by(agent, following).where(ReviewRequest.state.in_(ACTIVE))
    return db.session.execute(query.with_only_columns(func.count())).scalar_one()


def _asked_by(agent: Agent, following: Licence) -> Select[ReviewRequest]:
    return (
        select(ReviewRequest)
        .join(ReviewRequest.article)
        .join(ReviewRequest.version)
        .where(readable_by(agent), _theirs(agent), ReviewRequest.asks.in_(COUNTED[following]))
    )


def _theirs(agent: Agent) -> ColumnElement[bool]:
    """Say whose text it is: who asked, or for what tickets asked for, whose article it is."""
    by_demand = and_(
        ReviewRequest.asked_by_id.is_(None),
        func.coalesce(Article.owner_id, Article.author_id) == agent.id,
    )
    return or_(ReviewRequest.asked_by_id == agent.id, by_demand)


def _returned(reviews: list[ReviewRequest]) -> set[int]:
    """Return which of the reviews were sent back at least once."""
    articles = {each.article_id for each in reviews}
    if not articles:
        return set()
    query = select(Activity.detail).where(
        Activity.article_id.in_(articles), Activity.kind == "review.returned"
    )
    return {detail["review_id"] for detail in db.session.execute(query).scalars()}


def _outcome(review: ReviewRequest, agent: Agent, returned: set[int]) -> Outcome:
    stands = review.version.author_id == agent.id and review.id not in returned
    return Outcome.AS_WRITTEN if stands else Outcome.REWORKED
