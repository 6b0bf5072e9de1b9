"""Reading the queue of near-duplicates."""

from __future__ import annotations

from datetime import datetime

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from kcs.articles.models import Article, Version
from kcs.articles.trust import CLOSED
from kcs.database import db
from kcs.errors import NotFound
from kcs.search.duplicate_models import DuplicatePair, DuplicateSearch, PairState

PER_PAGE = 25

_first, _second = aliased(Article), aliased(Article)


def page_of_pairs(state: PairState, *, page: int) -> Pagination:
    """Return one page of the pairs in a state, the most alike first; of dismissed ones the latest."""
    order = DuplicatePair.likeness if state is PairState.OPEN else DuplicatePair.settled_at
    query = (
        select(DuplicatePair)
        .join(_first, _first.id == DuplicatePair.first_id)
        .join(_second, _second.id == DuplicatePair.second_id)
        .where(_in_queue(state))
        .order_by(order.desc(), DuplicatePair.id)
    )
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def count_pairs(state: PairState) -> int:
    """Return how many pairs are in a state."""
    query = (
        select(func.count())
        .select_from(DuplicatePair)
        .join(_first, _first.id == DuplicatePair.first_id)
        .join(_second, _second.id == DuplicatePair.second_id)
        .where(_in_queue(state))
    )
    return db.session.execute(query).scalar_one()


def get_pair(pair_id: int) -> DuplicatePair:
    """Return a pair. Raises NotFound, also once one of its articles is archived."""
    pair = db.session.get(DuplicatePair, pair_id)
    if pair is None or {pair.first.confidence, pair.second.confidence} & set(CLOSED):
        raise NotFound("There is no such pair any more: one of the articles has changed or is archived.")
    return pair


def last_search() -> DuplicateSearch | None:
    """Return the latest look through all articles, None before the first."""
    query = select(DuplicateSearch).order_by(DuplicateSearch.id.desc()).limit(1)
    return db.session.execute(query).scalar_one_or_none()


def changed_since(moment: datetime) -> int:
    """Return how many articles were written or changed since then, those put away aside."""
    query = (
        select(func.count())
        .select_from(Article)
        .join(Version, Version.id == Article.current_version_id)
        .where(Version.created_at > moment, Article.confidence.not_in(CLOSED))
    )
    return db.session.execute(query).scalar_one()


def _in_queue(state: PairState) -> ColumnElement[bool]:
    """A pair of which one article is archived or thrown away waits unseen until it is restored."""
    return and_(
        DuplicatePair.state == state,
        _first.confidence.not_in(CLOSED),
        _second.confidence.not_in(CLOSED),
    )
