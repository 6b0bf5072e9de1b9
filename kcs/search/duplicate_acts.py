"""The queue of near-duplicates: found by looking through all articles, settled by people or by merging."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Version
from kcs.articles.trust import CLOSED
from kcs.database import db
from kcs.errors import WorkflowError
from kcs.language import primary
from kcs.people.models import Agent
from kcs.search.duplicate_models import DuplicatePair, DuplicateSearch, PairState
from kcs.search.duplicates import LIKENESS, Pair, near_duplicates
from workflow.article import Audience
from workflow.permissions import Right

KEEP_LOCK = 7404
_BATCH = 500


@dataclass(frozen=True)
class Read:
    """What was read of an article: which text, and in which language."""

    version_id: int
    language: str


@dataclass(frozen=True)
class Looked:
    """One look through the base: the pairs, and what was read by article."""

    pairs: list[Pair]
    read: dict[int, Read]

    def texts(self, pair: Pair) -> tuple[int, int]:
        """Return the versions of a pair that were compared."""
        return self.read[pair.first].version_id, self.read[pair.second].version_id


def look_for_duplicates(
    *, likeness: float = LIKENESS, on_read: Callable[[int], None] = lambda _: None
) -> Looked:
    """Return the near-duplicates among all articles that are not archived; changes nothing.

    `on_read` is called with the number of texts read since the last call. What only some colleagues may read
    is not compared; articles in two languages are no pair, since a translation is to stay.
    """
    read: dict[int, Read] = {}
    pairs = near_duplicates(_texts(read, on_read), likeness=likeness)
    same = [pair for pair in pairs if read[pair.first].language == read[pair.second].language]
    return Looked(same, read)


def keep_duplicates(looked: Looked) -> int:
    """Bring the queue in step with what was found; return how many pairs are open.

    A dismissed pair stays dismissed as long as both texts are those that were dismissed; an open one that was
    not found again goes.
    """
    # Two looks at once would both want to add the same pair.
    database.advisory_lock(KEEP_LOCK)
    moment = database.now()
    columns = DuplicatePair.__table__.c
    known = {(row.first_id, row.second_id): row for row in db.session.execute(select(*columns))}
    found = {(pair.first, pair.second) for pair in looked.pairs}
    _forget([row.id for key, row in known.items() if row.state is PairState.OPEN and key not in found])
    waiting = 0
    for pair in looked.pairs:
        texts = looked.texts(pair)
        row = known.get((pair.first, pair.second))
        if row is None:
            db.session.add(_new(pair, texts, moment))
        elif row.state is PairState.DISMISSED and (row.first_version_id, row.second_version_id) == texts:
            continue
        else:
            _find_again(row.id, pair, texts, moment, anew=row.state is not PairState.OPEN)
        waiting += 1
    db.session.add(DuplicateSearch(finished_at=moment, articles=len(looked.read)))
    db.session.flush()
    return waiting


def dismiss(pair: DuplicatePair, *, by: Agent) -> None:
    """Say that two articles are not the same.

    Raises NotAllowed without the right to merge both, WorkflowError when somebody else was quicker.
    """
    _settle(pair, PairState.OPEN, PairState.DISMISSED, by)


def put_back(pair: DuplicatePair, *, by: Agent) -> None:
    """Put a dismissed pair back into the queue. Raises as `dismiss` does."""
    _settle(pair, PairState.DISMISSED, PairState.OPEN, by)


def follow_merge(newer: Article, *, into: Article, by: Agent) -> None:
    """The pair of two articles that were merged is settled."""
    first, second = sorted((newer.id, into.id))
    db.session.execute(
        update(DuplicatePair)
        .where(DuplicatePair.first_id == first, DuplicatePair.second_id == second)
        .values(state=PairState.MERGED, settled_by_id=by.id, settled_at=database.now())
    )


def _texts(read: dict[int, Read], on_read: Callable[[int], None]) -> Iterator[tuple[int, str, str]]:
    ids = list(
        db.session.execute(
            select(Article.id).where(Article.confidence.not_in(CLOSED)).order_by(Article.id)
        ).scalars()
    )
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        query = (
            select(Article.id, Article.locale, Version)
            .join(Version, Version.id == Article.current_version_id)
            .where(Article.id.in_(batch))
            .order_by(Article.id)
        )
        for article_id, locale, version in db.session.execute(query):
            read[article_id] = Read(version.id, primary(locale))
            yield article_id, version.title, "\n".join(readable_parts(version, Audience.INTERNAL).values())
        on_read(len(batch))


def _forget(pair_ids: list[int]) -> None:
    for start in range(0, len(pair_ids), _BATCH):
        some = DuplicatePair.id.in_(pair_ids[start : start + _BATCH])
        # Somebody may have settled one since we read.
        db.session.execute(delete(DuplicatePair).where(some, DuplicatePair.state == PairState.OPEN))


def _new(pair: Pair, texts: tuple[int, int], moment: datetime) -> DuplicatePair:
    return DuplicatePair(
        first_id=pair.first,
        second_id=pair.second,
        first_version_id=texts[0],
        second_version_id=texts[1],
        likeness=pair.likeness,
        found_at=moment,
    )


def _find_again(pair_id: int, pair: Pair, texts: tuple[int, int], moment: datetime, *, anew: bool) -> None:
    values: dict[str, object] = {
        "likeness": pair.likeness,
        "first_version_id": texts[0],
        "second_version_id": texts[1],
    }
    if anew:
        values |= {"state": PairState.OPEN, "found_at": moment, "settled_by_id": None, "settled_at": None}
    db.session.execute(update(DuplicatePair).where(DuplicatePair.id == pair_id).values(**values))


def _settle(pair: DuplicatePair, before: PairState, after: PairState, by: Agent) -> None:
    authority, _ = (rights.require(by, article, Right.MERGE) for article in (pair.first, pair.second))
    settled = after is not PairState.OPEN
    changed = db.session.execute(
        update(DuplicatePair)
        .where(DuplicatePair.id == pair.id, DuplicatePair.state == before)
        .values(
            state=after,
            settled_by_id=by.id if settled else None,
            settled_at=database.now() if settled else None,
        )
        .returning(DuplicatePair.id)
    ).all()
    if not changed:
        raise WorkflowError("Somebody else has settled this pair meanwhile: look at the queue again.")
    record(
        f"duplicate.{after}",
        authority=authority,
        agent=by,
        article_id=pair.first_id,
        before=before.value,
        after=after.value,
        detail={"other_id": pair.second_id},
    )
