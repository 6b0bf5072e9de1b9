"""Encoding articles in the background: the whole base once for a plan, then whatever changes.

Texts are read, encoded with no transaction open, and written; the run moves on in the transaction that
writes, and only from where it stood when the texts were read, so that an older text never replaces a newer.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import CompoundSelect, Select, column, delete, func, insert, select, table, update

from kcs import database
from kcs.articles.models import Article
from kcs.database import db, reading
from kcs.semantic.models import EmbeddedArticle, Embedding, EmbeddingRun
from kcs.semantic.packed import pack
from kcs.semantic.pieces import INSIDE, PUBLIC, Pieces, pieces_of

if TYPE_CHECKING:  # its libraries are an extra
    from kcs.semantic.encoder import Encoder

CUTTING = 1  # counted up when pieces are made in another way, so that every article is looked at again
BATCH = 8
FEED_AT_ONCE = 200
VECTORS_LOCK = 7403

# The change feed is search's, which lies above.
_feed = table("search_changes", column("id"), column("article_id"))


@dataclass(frozen=True)
class _Due:
    """Articles to encode, and how far the run is when that is done."""

    ids: list[int]
    walked: int | None
    position: int


@dataclass(frozen=True)
class _Encoded:
    article_id: int
    view: str
    number: int
    text_hash: bytes
    vector: bytes


def plan_of(encoder: Encoder) -> str:
    """Name what decides the vectors of an article: the model, its languages, and the way of cutting."""
    languages = ",".join(sorted(encoder.languages)) if encoder.languages is not None else "measured"
    return f"{encoder.fingerprint}/{languages}/{CUTTING}"


def state(encoder: Encoder) -> tuple[int, int]:
    """Return how many articles are encoded and how many are due."""
    run = db.session.get(EmbeddingRun, plan_of(encoder))
    done = _count(select(EmbeddedArticle.article_id).where(EmbeddedArticle.model == encoder.fingerprint))
    if run is None:
        return 0, _count(select(Article.id))
    changed = select(_feed.c.article_id).where(_feed.c.id > run.position)
    ahead = select(Article.id).where(Article.id > run.walked) if run.walked is not None else changed
    return done, _count(changed.union(ahead))


def build(encoder: Encoder, *, seconds: float, progress: Callable[[int], None] = lambda _: None) -> int:
    """Encode what is due until nothing is or `seconds` are over; commits by itself.

    Returns how many articles were looked at. May run at several places at once: one's work is then wasted.
    """
    plan, until, total = plan_of(encoder), time.monotonic() + seconds, 0
    _begin(plan)
    while True:
        with reading():
            run = db.session.get_one(EmbeddingRun, plan)
            walked, position = run.walked, run.position
            due = _due(walked, position)
            pieces = pieces_of(due.ids)
            kept = _kept_vectors(due.ids, encoder.fingerprint)
        if due == _Due([], walked, position):
            return total
        encoded = _encode(encoder, pieces, kept)
        if _write(encoder, plan, (walked, position), due, encoded):
            total += len(due.ids)
            progress(len(due.ids))
        if time.monotonic() >= until:
            return total


def _begin(plan: str) -> None:
    with reading():
        if db.session.get(EmbeddingRun, plan) is not None:
            return
    database.advisory_lock(VECTORS_LOCK)
    if db.session.get(EmbeddingRun, plan) is None:
        db.session.add(EmbeddingRun(plan=plan, walked=0, position=_newest_change()))
    db.session.commit()


def _due(walked: int | None, position: int) -> _Due:
    if walked is not None:
        query = select(Article.id).where(Article.id > walked).order_by(Article.id).limit(BATCH)
        ids = list(db.session.execute(query).scalars())
        return _Due(ids, ids[-1] if ids else None, position)
    query = select(_feed.c.id, _feed.c.article_id).where(_feed.c.id > position).order_by(_feed.c.id)
    ids = []
    changes: list[tuple[int, int]] = [
        (row.id, row.article_id) for row in db.session.execute(query.limit(FEED_AT_ONCE))
    ]
    for change, article_id in changes:
        if article_id not in ids and len(ids) == BATCH:
            break
        ids = ids if article_id in ids else [*ids, article_id]
        position = change
    return _Due(ids, None, position)


def _kept_vectors(ids: Sequence[int], model: str) -> dict[bytes, bytes]:
    """Return the vectors these articles have from this model, by the digest of their text."""
    query = (
        select(Embedding.text_hash, Embedding.vector)
        .join(EmbeddedArticle, EmbeddedArticle.article_id == Embedding.article_id)
        .where(EmbeddedArticle.model == model, Embedding.article_id.in_(ids))
    )
    return {row.text_hash: row.vector for row in db.session.execute(query)}


def _encode(encoder: Encoder, pieces: list[Pieces], kept: dict[bytes, bytes]) -> list[_Encoded]:
    wanted = [
        (each.article_id, view, number, text)
        for each in pieces
        for view, texts, language in (
            (INSIDE, each.inside, each.inside_language),
            (PUBLIC, each.public, each.public_language),
        )
        if texts and encoder.fits(language, "\n".join(texts))
        for number, text in enumerate(texts)
    ]
    new = {_digest(text): text for *_, text in wanted if _digest(text) not in kept}
    vectors = pack(encoder.encode(list(new.values())))
    known = {**kept, **{digest: vector.tobytes() for digest, vector in zip(new, vectors, strict=True)}}
    return [
        _Encoded(article_id, view, number, _digest(text), known[_digest(text)])
        for article_id, view, number, text in wanted
    ]


def _write(
    encoder: Encoder, plan: str, stood: tuple[int | None, int], due: _Due, encoded: list[_Encoded]
) -> bool:
    """Write the vectors and move the run on; False when somebody else moved it meanwhile."""
    database.advisory_lock(VECTORS_LOCK)
    moved = db.session.execute(
        update(EmbeddingRun)
        .where(
            EmbeddingRun.plan == plan,
            EmbeddingRun.walked.is_not_distinct_from(stood[0]),
            EmbeddingRun.position == stood[1],
        )
        .values(walked=due.walked, position=due.position)
        .returning(EmbeddingRun.plan)
    ).all()
    if not moved:
        db.session.rollback()
        return False
    change = db.session.execute(select(func.max(EmbeddedArticle.change))).scalar() or 0
    held = _held(due.ids, encoder.fingerprint)
    for article_id in due.ids:
        new = [each for each in encoded if each.article_id == article_id]
        if held.get(article_id) != {(each.view, each.number, each.text_hash) for each in new}:
            change += 1
            _replace(article_id, encoder.fingerprint, change, new)
    db.session.commit()
    return True


def _held(ids: Sequence[int], model: str) -> dict[int, set[tuple[str, int, bytes]]]:
    """Return which pieces these articles have from this model; an article it has not seen is left out."""
    seen = select(EmbeddedArticle.article_id).where(
        EmbeddedArticle.model == model, EmbeddedArticle.article_id.in_(ids)
    )
    held: dict[int, set[tuple[str, int, bytes]]] = {
        article_id: set() for article_id in db.session.execute(seen).scalars()
    }
    query = select(Embedding.article_id, Embedding.view, Embedding.number, Embedding.text_hash)
    for article_id, view, number, text_hash in db.session.execute(
        query.where(Embedding.article_id.in_(list(held)))
    ):
        held[article_id].add((view, number, text_hash))
    return held


def _replace(article_id: int, model: str, change: int, new: list[_Encoded]) -> None:
    db.session.execute(delete(Embedding).where(Embedding.article_id == article_id))
    db.session.execute(delete(EmbeddedArticle).where(EmbeddedArticle.article_id == article_id))
    db.session.execute(insert(EmbeddedArticle).values(article_id=article_id, model=model, change=change))
    if new:
        db.session.execute(insert(Embedding), [asdict(each) for each in new])


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _newest_change() -> int:
    return db.session.execute(select(func.max(_feed.c.id))).scalar() or 0


def _count(query: Select[int] | CompoundSelect[Any]) -> int:
    return db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
