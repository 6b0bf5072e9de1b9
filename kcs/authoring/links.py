"""The links in a text: where they stand, and whether their readers may follow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import select

from kcs.articles.models import Article
from kcs.articles.queries import readable_by
from kcs.database import db
from kcs.markup import ARTICLE_LINK, links_of
from kcs.people.models import Agent
from workflow.article import ArticleState, Audience


class Target(StrEnum):
    """What a link to an article leads to, for the person who asks."""

    MISSING = "missing"
    INSIDE = "inside"
    PUBLIC = "public"


@dataclass(frozen=True)
class Link:
    """A link in a field: `key` names an article of ours, else `address` says where it leads."""

    field: str
    address: str

    @property
    def key(self) -> str:
        """The article's key, empty for a link elsewhere."""
        return self.address.removeprefix(ARTICLE_LINK) if self.address.startswith(ARTICLE_LINK) else ""


def links_in(parts: Mapping[str, str]) -> list[Link]:
    """Return the links of a text in their order, each once a field."""
    return [Link(name, address) for name, text in parts.items() for address in _addresses(text)]


@lru_cache(maxsize=32)
def _addresses(text: str) -> tuple[str, ...]:
    """Several rules ask of the same text in turn."""
    return tuple(links_of(text))


def targets_of(keys: Iterable[str], reader: Agent) -> dict[str, Target]:
    """Return for each key what it leads to; an article `reader` may not see is missing."""
    wanted = set(keys)
    rows = db.session.execute(select(Article).where(Article.key.in_(wanted), readable_by(reader))).scalars()
    seen = {article.key: Target.PUBLIC if is_public(article) else Target.INSIDE for article in rows}
    return {key: seen.get(key, Target.MISSING) for key in wanted}


def is_public(article: Article) -> bool:
    """Return whether anybody outside may read the article."""
    return article.state is ArticleState.PUBLISHED and article.audience is Audience.PUBLIC
