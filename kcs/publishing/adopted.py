"""Articles that were in a help centre before us: who may read them there, and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping

from kcs import database
from kcs.articles.models import Article
from kcs.database import db
from kcs.ports import RemoteListing, RemoteText
from kcs.publishing.models import Publication, PublicationState, Target
from workflow.article import Audience

SEGMENT = "user_segment_id"


def audience_there(target: Target, place: Mapping[str, str]) -> Audience | None:
    """Return who may read an article that stands at `place`; None where we do not know that."""
    return None if place.get(SEGMENT) else Audience.PUBLIC


def locale_here(target: Target, locale: str) -> str:
    """Return what we call a language of the help centre."""
    return locale.partition("-")[0]


def note_adopted(
    article: Article, target: Target, listing: RemoteListing, text: RemoteText, *, kept_in_step: bool
) -> None:
    """Remember where the article stands in the help centre, and with what text: nothing is written there.

    One that is not `kept_in_step` stays there as it is until somebody publishes the article from here.
    """
    db.session.add(
        Publication(
            article_id=article.id,
            target_id=target.id,
            locale=text.locale,
            state=PublicationState.WITHDRAWN if text.draft else PublicationState.LIVE,
            remote_id=listing.id,
            url=listing.url,
            version_id=article.live_version_id if kept_in_step else None,
            changed_at=database.now(),
        )
    )
