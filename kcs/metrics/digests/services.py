"""Reports by mail: asking for one, stopping it, and planning what is due, each mail once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from kcs import database
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.metrics.digests.models import Every, ReportDigest, ReportSubscription
from kcs.metrics.model import Report, Segment
from kcs.metrics.narrowing import refuse_beyond, refuse_missing
from kcs.metrics.periods import GRAINS, Window, day_of, moment
from kcs.metrics.reach import reach_of
from kcs.metrics.schemas import ReportQuery, only_of
from kcs.outbox import services as outbox
from kcs.people.models import Agent
from kcs.sentences import Sentence

MAIL = "mail.report"
BATCH = 100
MOST = 20


def subscribe(
    agent: Agent, report: Report, *, by: Segment, filters: Mapping[str, str], every: Every
) -> ReportSubscription:
    """Let a person have a report by mail; what they have already is not asked for twice. Commits nothing.

    Raises as the report itself for what is not theirs to see: NotAllowed, NotFound, InvalidInput. Raises
    InvalidInput when they have too many.
    """
    reach, only = reach_of(agent), only_of(ReportQuery().load(dict(filters)))
    refuse_beyond(report, by, only, reach)
    refuse_missing(only, reach)
    present = subscriptions_of(agent)
    wanted = (report.name, by.value, dict(filters), every)
    same = next(
        (each for each in present if (each.report, each.by, each.filters, each.every) == wanted), None
    )
    if same is not None:
        return same
    if len(present) >= MOST:
        raise InvalidInput(
            Sentence(
                "You get %(most)s reports by mail, the most there may be. Stop one of them first.", most=MOST
            )
        )
    made = ReportSubscription(
        agent_id=agent.id,
        report=report.name,
        by=by.value,
        filters=dict(filters),
        every=every,
        created_at=database.now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def subscriptions_of(agent: Agent) -> Sequence[ReportSubscription]:
    """Return what a person gets, in the order they asked for it."""
    query = select(ReportSubscription).where(
        ReportSubscription.agent_id == agent.id, ReportSubscription.stopped_at.is_(None)
    )
    return list(db.session.execute(query.order_by(ReportSubscription.id)).scalars())


def stop(subscription_id: int, *, by: Agent | None = None) -> ReportSubscription:
    """Stop a subscription; `by` None is whoever holds its link. Again, it changes nothing. Commits nothing.

    Raises NotFound for one that does not exist or is somebody else's.
    """
    found = db.session.get(ReportSubscription, subscription_id)
    if found is None or (by is not None and found.agent_id != by.id):
        raise NotFound("There is no such mail of yours. See the list of what you get.")
    found.stopped_at = found.stopped_at or database.now()
    return found


def plan_digests(zone: ZoneInfo, *, at: datetime | None = None, limit: int = BATCH) -> int:
    """Write down the mails that are due `at` a moment (now) and not planned yet; return how many. Commits.

    After a long pause there is one mail, about the last whole period.
    """
    now = at or database.now()
    planned = [_plan(every, zone, now, limit) for every in Every]
    db.session.commit()
    return sum(planned)


def window_before(period: str, every: Every, zone: ZoneInfo) -> Window:
    """Return the whole week or month before the day on which a period begins."""
    end = date.fromisoformat(period)
    start = GRAINS[every.value].first(end - timedelta(1))
    return Window(moment(start, zone), moment(end, zone), zone)


def _plan(every: Every, zone: ZoneInfo, now: datetime, limit: int) -> int:
    first = GRAINS[every.value].first(day_of(now, zone))
    had = select(ReportDigest.subscription_id).where(ReportDigest.period == first.isoformat())
    due = (
        select(ReportSubscription)
        .join(Agent, Agent.id == ReportSubscription.agent_id)
        .where(
            Agent.active,
            ReportSubscription.every == every,
            ReportSubscription.stopped_at.is_(None),
            ReportSubscription.created_at < moment(first, zone),
            ReportSubscription.id.not_in(had),
        )
        .order_by(ReportSubscription.id)
        .limit(limit)
    )
    found = db.session.execute(due).scalars().all()
    for subscription in found:
        digest = ReportDigest(subscription_id=subscription.id, period=first.isoformat(), as_of=now)
        db.session.add(digest)
        db.session.flush()
        outbox.write(MAIL, subject=f"report-digest:{digest.id}", payload={"digest_id": digest.id})
    return len(found)
