"""Knowledge domains: which one an article belongs to, and what it asks of its articles."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from kcs.articles.models import Article
from kcs.articles.policy import Domain, Expiry
from kcs.database import db, once
from kcs.errors import InvalidInput
from kcs.sentences import Sentence
from kcs.text import clean_line

GENERAL = "general"


def domain_of(article: Article) -> Domain:
    """Return the article's domain; one without is in the general domain."""
    return article.domain or general_domain()


def general_domain() -> Domain:
    """Return the domain of everything that has no other, with default settings until somebody sets them."""
    return once("general domain", _load_general)


def domains() -> list[Domain]:
    """Return every domain by name, the general one first."""
    rows = db.session.execute(select(Domain).where(Domain.key != GENERAL).order_by(Domain.name)).scalars()
    return [general_domain(), *rows]


def domain_named(key: str) -> Domain:
    """Return a domain by key. Raises InvalidInput."""
    key = clean_line(key)
    if key == GENERAL:
        return general_domain()
    found = db.session.execute(select(Domain).where(Domain.key == key)).scalar_one_or_none()
    if found is None:
        raise InvalidInput(
            "There is no domain '%(key)s': an administrator makes one, an import with --make-domains does.",
            key=key,
            errors={"domain": [Sentence("unknown domain")]},
        )
    return found


def domain_for_tags(tags: Collection[str]) -> Domain | None:
    """Return the first domain that takes drafts from tickets with one of these tags."""
    return next((each for each in domains() if set(each.tags or ()) & set(tags)), None)


def _load_general() -> Domain:
    row = db.session.execute(select(Domain).where(Domain.key == GENERAL)).scalar_one_or_none()
    return row or Domain(
        key=GENERAL,
        name="General",
        template="issue-resolution",
        tags=[],
        claims=[],
        check_days=365,
        expiry=Expiry.ASK_OWNER,
        flag_days=7,
        review_days=5,
        validate_after=3,
        publish_after=5,
        others_validate=False,
        experts=[],
    )
