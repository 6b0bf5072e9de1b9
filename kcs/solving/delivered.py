"""What the customer was given, and what has changed in it since."""

from __future__ import annotations

from dataclasses import dataclass

from kcs.articles.history import FieldChange, changes_between, taken_over
from kcs.articles.models import Significance, Version
from kcs.articles.queries import versions_of
from kcs.database import db
from kcs.people.models import Agent
from kcs.solving.linking import given_version_id
from kcs.solving.models import Link

WEIGHT = {Significance.TYPO: 1, Significance.WORDING: 2, None: 3, Significance.FACT: 4}


@dataclass(frozen=True)
class Delivered:
    """A text that was given and the one a customer would be given now.

    `significance` is the heaviest of the changes between, None where one of them does not say.
    """

    given: Version
    now: Version
    significance: Significance | None = None

    @property
    def is_corrected(self) -> bool:
        """True when a fact changed: what the customer was told may be wrong."""
        return self.significance is Significance.FACT


def delivered_by(link: Link) -> Delivered | None:
    """Return what has become of the text a link gave; None while a customer would be given the same."""
    now_id = given_version_id(link.article)
    if now_id == link.version_id or now_id is None:
        return None
    now = db.session.get_one(Version, now_id)
    if now.article_id != link.version.article_id or now.number < link.version.number:
        return Delivered(link.version, now)
    return Delivered(link.version, now, _heaviest(link, now))


def changes_since(link: Link, reader: Agent) -> list[FieldChange]:
    """Return what has changed since, as far as `reader` may read it."""
    delivered = delivered_by(link)
    return changes_between(delivered.given, delivered.now, reader) if delivered else []


def _heaviest(link: Link, now: Version) -> Significance | None:
    versions = versions_of(link.article)
    taken = taken_over(link.article, versions)
    between = [
        each.significance
        for each in versions
        if link.version.number < each.number <= now.number and each.id in taken
    ]
    return max(between, key=lambda each: WEIGHT[each], default=None)
