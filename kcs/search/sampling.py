"""What searches tell: how many found nothing or led nowhere, and a sample of them that a person judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, select

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.people.models import Agent
from kcs.search.models import Judgement, Place, SearchLog
from kcs.sentences import Sentence

ADMIN = "role:admin"
DAYS = 90
LOW = 3  # an article opened below this place stood too low
RANKS = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, None))


class Trouble(StrEnum):
    """Why a search is worth a look."""

    NOTHING = "nothing"
    ABANDONED = "abandoned"
    LOW = "low"


# Nobody can be seen to open what a script was given.
_BY_PEOPLE = SearchLog.place != Place.API
TROUBLES: dict[Trouble, ColumnElement[bool]] = {
    Trouble.NOTHING: SearchLog.results == 0,
    Trouble.ABANDONED: and_(SearchLog.results > 0, SearchLog.opened_at.is_(None), _BY_PEOPLE),
    Trouble.LOW: SearchLog.opened_rank > LOW,
}


@dataclass(frozen=True)
class Figures:
    """Counts of the last `DAYS` days. `people`: searches whose opening would have been seen."""

    searches: int
    nothing: int
    people: int
    abandoned: int
    ranks: tuple[tuple[str, int], ...]
    unjudged: Mapping[Trouble, int]

    @property
    def opened(self) -> int:
        """How many led to an article."""
        return sum(count for _, count in self.ranks)


def figures() -> Figures:
    """Count the latest searches."""
    counts: list[ColumnElement[int]] = [func.count()]
    counts.append(_count(TROUBLES[Trouble.NOTHING]))
    counts.append(_count(_BY_PEOPLE))
    counts.append(_count(TROUBLES[Trouble.ABANDONED]))
    counts += [_count(_between(first, last)) for first, last in RANKS]
    counts += [_count(and_(condition, SearchLog.judged_at.is_(None))) for condition in TROUBLES.values()]
    searches, nothing, people, abandoned, *rest = db.session.execute(select(*counts).where(_latest())).one()
    return Figures(
        searches,
        nothing,
        people,
        abandoned,
        tuple((_span(*bounds), count) for bounds, count in zip(RANKS, rest, strict=False)),
        dict(zip(TROUBLES, rest[len(RANKS) :], strict=True)),
    )


def sample(trouble: Trouble) -> SearchLog | None:
    """Return one search of this kind that nobody has judged, by chance; None when there is none."""
    query = select(SearchLog).where(_latest(), TROUBLES[trouble], SearchLog.judged_at.is_(None))
    return db.session.execute(query.order_by(func.random()).limit(1)).scalar_one_or_none()


def get_search(number: int) -> SearchLog:
    """Return a logged search by its number. Raises NotFound, also for one that was forgotten meanwhile."""
    row = db.session.get(SearchLog, number)
    if row is None:
        raise NotFound("This search is not in the log any more.")
    return row


def judge(row: SearchLog, verdicts: Mapping[int, bool], *, none: bool, by: Agent) -> None:
    """Keep what a person said of the articles (by id) for this search; `none`: no article answers it.

    Raises InvalidInput where both are said.
    """
    if none and any(verdicts.values()):
        raise InvalidInput("Either an article answers it, or none does: take one of the two back.")
    moment = database.now()
    said: list[tuple[int | None, bool]] = [*verdicts.items(), *([(None, True)] if none else [])]
    db.session.add_all(
        Judgement(words=row.words, article_id=article_id, good=good, agent_id=by.id, judged_at=moment)
        for article_id, good in said
    )
    row.judged_at = moment
    record("search.judged", authority=ADMIN, agent=by, detail={"search_id": row.id})


def judgements() -> Iterator[tuple[str, int | None, bool]]:
    """Yield what was judged last of each article for each search: words, article id, whether it answers.

    None as the article, always with True: no article answers these words.
    """
    latest = select(func.max(Judgement.id)).group_by(Judgement.words, Judgement.article_id)
    query = select(Judgement.words, Judgement.article_id, Judgement.good).where(Judgement.id.in_(latest))
    for row in db.session.execute(query.order_by(Judgement.id)).yield_per(500):
        yield row.words, row.article_id, row.good


def _latest() -> ColumnElement[bool]:
    recent = SearchLog.searched_at > database.now() - timedelta(days=DAYS)
    return and_(recent, SearchLog.place != Place.SUGGESTED)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _between(first: int, last: int | None) -> ColumnElement[bool]:
    above = SearchLog.opened_rank >= first
    return above if last is None else and_(above, SearchLog.opened_rank <= last)


def _span(first: int, last: int | None) -> str:
    if last is None:
        return Sentence("%(rank)s and lower", rank=first)
    return str(first) if first == last else Sentence("%(first)s to %(last)s", first=first, last=last)
