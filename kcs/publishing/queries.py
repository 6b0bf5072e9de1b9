"""Reading what was published where, and what was changed there."""

from __future__ import annotations

import re

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, select

from kcs.articles.addresses import Address, parse
from kcs.articles.models import Article
from kcs.articles.queries import readable_by
from kcs.database import db
from kcs.errors import NotFound
from kcs.people.models import Agent
from kcs.publishing.models import Drift, DriftState, MovedArticle, Publication

# Desks put the article's number first in the last part of its address, and a title that may change after it.
_NUMBERED = re.compile(r"([0-9]{1,20})(?:-.*)?", re.ASCII | re.DOTALL)
ARTICLES = "articles"
PER_PAGE = 25
WAITING = (DriftState.OPEN, DriftState.MERGING)


def article_published_at(address: Address) -> str | None:
    """Return the key of the article that a help centre shows at this address, in whatever language and title.

    The host must be the one the help centre gave when the article was written there. Where it has moved there
    since, its address from before leads to it too.
    """
    remote_id = _remote_id(address)
    if remote_id is None:
        return None
    rows = [
        row
        for place in (Publication, MovedArticle)
        for row in db.session.execute(
            select(place.url, Article.key)
            .join(Article, Article.id == place.article_id)
            .where(place.remote_id == remote_id)
            .order_by(place.id)
        )
    ]
    return next((key for url, key in rows if url and _is_same_place(url, address)), None)


def _is_same_place(url: str, address: Address) -> bool:
    known = parse(url)
    return known is not None and address.has_origin_of(known) and _remote_id(known) == _remote_id(address)


def _remote_id(address: Address) -> str | None:
    """Return the number in …/articles/<number>-<title>."""
    if len(address.path) < 2 or address.path[-2] != ARTICLES:
        return None
    found = _NUMBERED.fullmatch(address.path[-1])
    return found[1] if found else None


def get_drift(drift_id: int, reader: Agent) -> Drift:
    """Return a drift of an article the reader may see. Raises NotFound."""
    found = db.session.execute(_drifts(reader).where(Drift.id == drift_id)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is nothing of that number that was changed in a help centre.")
    return found


def page_of_drifts(reader: Agent, *, page: int, settled: bool = False) -> Pagination:
    """Return one page of what waits to be decided, longest first; or of what was, latest first."""
    if settled:
        query = (
            _drifts(reader)
            .where(Drift.state.not_in(WAITING))
            .order_by(Drift.changed_at.desc(), Drift.id.desc())
        )
    else:
        query = _drifts(reader).where(Drift.state.in_(WAITING)).order_by(Drift.found_at, Drift.id)
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def count_open_drifts() -> int:
    """Return how many texts changed in help centres wait for a decision."""
    query = select(func.count()).select_from(Drift).where(Drift.state.in_(WAITING))
    return db.session.execute(query).scalar_one()


def publications_shown(article: Article) -> list[Publication]:
    """Return how an article stands in every target and language."""
    query = select(Publication).where(Publication.article_id == article.id).order_by(Publication.id)
    return list(db.session.execute(query).scalars())


def earlier_addresses(article: Article) -> list[MovedArticle]:
    """Return the addresses an article had in help centres before it was made anew there, latest first."""
    query = select(MovedArticle).where(MovedArticle.article_id == article.id)
    return list(db.session.execute(query.order_by(MovedArticle.id.desc())).scalars())


def get_publication(article: Article, publication_id: int) -> Publication:
    """Return one publication of an article. Raises NotFound."""
    found = db.session.get(Publication, publication_id)
    if found is None or found.article_id != article.id:
        raise NotFound("%(key)s is not published there.", key=article.key)
    return found


def _drifts(reader: Agent) -> Select[Drift]:
    return (
        select(Drift)
        .join(Publication, Publication.id == Drift.publication_id)
        .join(Article, Article.id == Publication.article_id)
        .where(readable_by(reader))
    )


def drifts_merged_by(agent: Agent, article: Article) -> list[Drift]:
    """Return the drifts of an article whose text this person is putting together with ours."""
    query = (
        select(Drift)
        .join(Publication, Publication.id == Drift.publication_id)
        .where(
            Publication.article_id == article.id,
            Drift.state == DriftState.MERGING,
            Drift.decided_by_id == agent.id,
        )
        .order_by(Drift.id)
    )
    return list(db.session.execute(query).scalars())
