"""Articles that were in a help centre before us: who may read them there, and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from kcs import database
from kcs.articles.models import Article
from kcs.database import db
from kcs.ports import RemoteListing, RemoteText
from kcs.publishing.fingerprint import fingerprint
from kcs.publishing.links import web_address
from kcs.publishing.models import Publication, PublicationState, Target
from kcs.publishing.placing import guess, rules_of, text_for
from workflow.article import Audience


def audience_there(target: Target, listing: RemoteListing) -> Audience | None:
    """Return who may read an article where it stands; None where we do not know that.

    What limits readers is named by the account; one that was never asked is taken to limit them by whatever
    the target's own settings do not name. A rule of the target says which audience such readers are.
    """
    readers = (target.offered or {}).get("readers", "")
    limit = listing.place.get(readers, "") if readers else _unknown_to(target, listing.place)
    if not limit if listing.for_all is None else listing.for_all:
        return Audience.PUBLIC
    rules = [rule for rule in rules_of(target) if readers and rule.settings.get(readers) == limit]
    audiences = {rule.audience for rule in rules if rule.audience is not Audience.PUBLIC}
    return audiences.pop() if len(audiences) == 1 else None


def locale_here(target: Target, locale: str) -> str:
    """Return what we call a language of the help centre: its short name where that leads back to it."""
    named = next((ours for ours, theirs in (target.locales or {}).items() if theirs == locale), None)
    short = locale.partition("-")[0]
    return named or (short if _theirs(target, short) == locale else locale)


def note_adopted(
    article: Article, target: Target, listing: RemoteListing, text: RemoteText, *, kept_in_step: bool
) -> None:
    """Remember where the article stands in the help centre, and with what text: nothing is written there.

    One that is not `kept_in_step` stays there as it is until somebody publishes the article from here.
    """
    if _theirs(target, article.locale) != text.locale:
        target.locales = {**(target.locales or {}), article.locale: text.locale}
    moment = database.now()
    publication = _row_for(article, target, text.locale)
    publication.state = PublicationState.WITHDRAWN if text.draft else PublicationState.LIVE
    publication.remote_id, publication.url = listing.id, web_address(listing.url)
    publication.version_id = text_for(article) if kept_in_step else None
    publication.fingerprint, publication.shown = fingerprint(text.title, text.html), not text.draft
    publication.stays = True
    publication.changed_at = publication.looked_at = moment


def _row_for(article: Article, target: Target, locale: str) -> Publication:
    """Return the row of this language; what making the article asked to be sent there is there already."""
    db.session.flush()
    query = select(Publication).where(
        Publication.article_id == article.id, Publication.target_id == target.id
    )
    rows = {row.locale: row for row in db.session.execute(query).scalars() if row.remote_id is None}
    for other, row in rows.items():
        if other != locale:
            db.session.delete(row)
    found = rows.get(locale)
    if found is None:
        found = Publication(
            article_id=article.id, target_id=target.id, locale=locale, changed_at=database.now()
        )
        db.session.add(found)
    return found


def _theirs(target: Target, ours: str) -> str | None:
    named = (target.locales or {}).get(ours)
    return named or guess(ours, (target.locale, *(target.offered or {}).get("locales", [])))


def _unknown_to(target: Target, place: Mapping[str, str]) -> str:
    known = target.settings or {}
    return next((value for name, value in place.items() if value and name not in known), "")
