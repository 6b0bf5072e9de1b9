"""Keeping the facts in step with the log: a slice at a time, each in one transaction, and all of them anew.

A slice is what was recorded from one moment up to another. Every transaction that recorded something before
the later moment is over by then (`kcs.activity.services.settle`), so nothing appears behind it; a row with a
higher number than all that were taken is taken as well, should the machine's clock have been set back in
between.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, delete, exists, func, or_, select

from kcs import database
from kcs.activity import services as activity
from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.facts.acts import KINDS as ACT_KINDS
from kcs.metrics.facts.acts import acts
from kcs.metrics.facts.article_models import ArticleBirth, ArticleSpell, ArticleWriter, LinkFact
from kcs.metrics.facts.articles import KINDS as ARTICLE_KINDS
from kcs.metrics.facts.merges import Merges, merges
from kcs.metrics.facts.models import NO_ID, DailyActs, DailySolved, FactsState, SolvedFact, SolvedTag
from kcs.metrics.facts.reading import Births, licences
from kcs.metrics.facts.remaking import Told, batches, remake_articles, remake_tickets
from kcs.metrics.facts.replaying import KINDS
from kcs.metrics.facts.storing import ACTS, Key, add_acts, sum_up
from kcs.metrics.kinds import LINKING, MERGED, SOLVE
from kcs.metrics.periods import day_number

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SLICE = 5_000
# So many tickets, or articles, are made anew in one transaction.
AT_ONCE = 2_000
TURN_SECONDS = 4.0
# So many rows are read anew by ticket rather than followed from their beginning.
LONG_LOG = 100_000
LOCK = 7_402
TABLES = (
    *(SolvedTag, SolvedFact, DailySolved, DailyActs),
    *(LinkFact, ArticleBirth, ArticleWriter, ArticleSpell, FactsState),
)
MONTH = timedelta(days=31)


class _Taken(NamedTuple):
    """What tells of a row of the log whose facts are to be made anew."""

    id: int
    kind: str
    article_id: int | None
    ticket_id: int | None


class Made(NamedTuple):
    """How many articles and solved tickets a piece of work made the facts of."""

    articles: int
    tickets: int


def state() -> FactsState | None:
    """Return how far the facts are, None when there are none yet."""
    return db.session.get(FactsState, 1, populate_existing=True)


def catch_up(until: datetime, zone: ZoneInfo, *, slices: int) -> bool:
    """Take what was recorded before a settled moment into the facts; True when all of it is. Commits.

    At most so many slices: False when there is more, or while the facts are being made anew.
    """
    with database.reading():
        if _is_current(until, zone):
            return True
    database.end_reading()
    return any(_take_slice(until, zone) for _ in range(slices))


def _is_current(until: datetime, zone: ZoneInfo) -> bool:
    kept = state()
    if kept is None or kept.zone != zone.key or kept.ticket_id is not None:
        return False
    return kept.until >= until or not db.session.execute(select(exists().where(_new(kept, until)))).scalar()


def begin(until: datetime, zone: ZoneInfo) -> int:
    """Drop the facts and note that they are to be made anew, up to a settled moment. Commits.

    Returns how many articles and solved tickets that are together. Until `go_on_to_the_end` is through,
    reports say that they are being made.
    """
    database.advisory_lock(LOCK)
    forget()
    before = Activity.recorded_at < until
    solved = select(func.count(Activity.ticket_id.distinct())).where(Activity.kind == SOLVE, before)
    tickets = db.session.execute(solved).scalar_one()
    articles = db.session.execute(select(func.count(Activity.article_id.distinct()))).scalar_one()
    newest = db.session.execute(select(func.max(Activity.id)).where(before)).scalar_one()
    db.session.add(
        FactsState(
            id=1,
            until=until,
            last_id=newest or 0,
            zone=zone.key,
            article_id=0,
            ticket_id=0,
            tickets=tickets,
        )
    )
    db.session.commit()
    return articles + tickets


def go_on_to_the_end(count: Callable[[int], None]) -> int:
    """Go on to the end with making the facts anew; return how many tickets are solved.

    Commits in pieces; each tells `count` how many articles and solved tickets it was.
    """
    births, tickets = Births(), 0
    while (made := go_on(births)) is not None:
        count(made.articles + made.tickets)
        tickets += made.tickets
    return tickets


def go_on(births: Births) -> Made | None:
    """Make the facts of some more; return of how many, None when all are done. Commits.

    Articles first: what is said of a ticket's links asks how the articles began.
    """
    database.advisory_lock(LOCK)
    kept = state()
    if kept is None or kept.ticket_id is None:
        db.session.rollback()
        return None
    if kept.article_id is not None:
        articles = _next(Activity.article_id, kept.article_id)
        remake_articles(articles, kept.until, new=True)
        kept.article_id = articles[-1] if articles else None
        db.session.commit()
        return Made(len(articles), 0)
    zone = ZoneInfo(kept.zone)
    tickets = _next(Activity.ticket_id, kept.ticket_id)
    if not tickets:
        sum_up()
        _add_all_acts(kept.until, zone)
        kept.ticket_id = None
        db.session.commit()
        return None
    told = Told(births, licences(), merges(kept.until), zone)
    solved = remake_tickets(tickets, kept.until, told, new=True)
    kept.ticket_id = tickets[-1]
    db.session.commit()
    return Made(0, solved)


def _next(owner: SQLColumnExpression[int | None], after: int) -> list[int]:
    return _numbers(select(owner).where(owner > after).distinct().order_by(owner).limit(AT_ONCE))


def _numbers(query: Select[int | None]) -> list[int]:
    return [number for number in db.session.execute(query).scalars() if number is not None]


def _take_slice(until: datetime, zone: ZoneInfo) -> bool:
    """Take one slice; True when nothing recorded before `until` is left."""
    database.advisory_lock(LOCK)
    kept = state()
    if kept is None or kept.zone != zone.key:
        forget()
        kept = FactsState(id=1, until=BEGINNING, last_id=0, zone=zone.key, tickets=0)
        db.session.add(kept)
    if kept.ticket_id is not None:
        db.session.rollback()
        return False
    if kept.until >= until:
        db.session.rollback()
        return True
    end = _end_of_slice(kept, until)
    taken = _taken(kept, end)
    articles = {row.article_id for row in taken if row.article_id and row.kind in ARTICLE_KINDS}
    remake_articles(sorted(articles), end)
    merged = merges(end)
    tickets = {row.ticket_id for row in taken if row.ticket_id and row.kind in KINDS}
    tickets.update(_linked_to_merged(taken, merged))
    remake_tickets(sorted(tickets), end, Told(Births(), licences(), merged, zone))
    for some in batches([row.id for row in taken if row.kind in ACT_KINDS]):
        _add_acts(Activity.id.in_(some), zone)
    kept.last_id, kept.until = max([kept.last_id, *(row.id for row in taken)]), end
    db.session.commit()
    return end >= until


def _taken(kept: FactsState, end: datetime) -> list[_Taken]:
    """Return the rows of a slice. Asked for nothing else, no database reads more of the log than these."""
    columns = (Activity.id, Activity.kind, Activity.article_id, Activity.ticket_id)
    return [_Taken(*row) for row in db.session.execute(select(*columns).where(_new(kept, end)))]


def _linked_to_merged(taken: Sequence[_Taken], merged: Merges) -> list[int]:
    """Return the tickets whose links may count for another article now."""
    went = merged.before(row.article_id for row in taken if row.article_id and row.kind == MERGED)
    linked = (Activity.article_id.in_(sorted(went)), Activity.kind.in_(LINKING))
    return _numbers(select(Activity.ticket_id).where(*linked).distinct()) if went else []


def forget() -> None:
    """Drop the facts: they are made anew, of all of the log, when a report is next asked. Commits nothing."""
    for table in TABLES:
        db.session.execute(delete(table))


def _new(kept: FactsState, until: datetime) -> ColumnElement[bool]:
    fresh = or_(Activity.recorded_at >= kept.until, Activity.id > kept.last_id)
    return and_(fresh, Activity.recorded_at < until)


def _end_of_slice(kept: FactsState, until: datetime) -> datetime:
    """Return the moment up to which about SLICE rows were recorded."""
    cut = db.session.execute(
        select(Activity.recorded_at)
        .where(Activity.recorded_at >= kept.until, Activity.recorded_at < until)
        .order_by(Activity.recorded_at)
        .offset(SLICE)
        .limit(1)
    ).scalar_one_or_none()
    if cut is None:
        return until
    # Many rows may bear one moment: it must not be the beginning of the slice, which would then be empty.
    later = select(func.min(Activity.recorded_at)).where(
        Activity.recorded_at > kept.until, Activity.recorded_at >= cut, Activity.recorded_at < until
    )
    return db.session.execute(later).scalar_one() or until


def _add_acts(taken: ColumnElement[bool], zone: ZoneInfo) -> None:
    sums: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for row in db.session.execute(acts().where(taken)).mappings():
        key = day_number(row["happened_at"], zone), row["agent_id"], row["team_id"] or NO_ID
        for name in ACTS:
            sums[key][name] += row[name]
    add_acts(sums)


def _add_all_acts(until: datetime, zone: ZoneInfo) -> None:
    """Add up everything people did, a month of the log at a time."""
    acting = and_(Activity.kind.in_(ACT_KINDS), Activity.recorded_at < until)
    start = db.session.execute(select(func.min(Activity.happened_at)).where(acting)).scalar()
    last = db.session.execute(select(func.max(Activity.happened_at)).where(acting)).scalar()
    while start is not None and last is not None and start <= last:
        end = start + MONTH
        _add_acts(
            and_(Activity.happened_at >= start, Activity.happened_at < end, Activity.recorded_at < until),
            zone,
        )
        start = end


def keep_up(zone: ZoneInfo) -> int:
    """Take in what was recorded lately, for at most TURN_SECONDS; return the pieces of work done.

    A long log that was never read, or not in this zone, is made anew ticket by ticket: that is quicker than
    following it.
    """
    with database.reading():
        kept = state()
        newest = db.session.execute(select(func.max(Activity.id))).scalar() or 0
    fitting = kept is not None and kept.zone == zone.key
    if kept is not None and fitting and kept.ticket_id is None and kept.last_id == newest:
        return 0
    until = activity.settle()
    if not fitting and newest > LONG_LOG:
        begin(until, zone)
    births = Births()
    ends, pieces = time.monotonic() + TURN_SECONDS, 0
    while time.monotonic() < ends:
        pieces += 1
        if go_on(births) is None and _take_slice(until, zone):
            break
    return pieces
