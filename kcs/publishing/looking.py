"""Reading what a help centre holds now: one text for a person who decides, many for the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select

from kcs import database
from kcs.articles.translations import root_of
from kcs.database import db
from kcs.errors import ConfigError, RemoteError, ShownToMore
from kcs.ports import HelpCentre, Provider, RemoteListing
from kcs.publishing.drifts import kind_of, note_drift
from kcs.publishing.fingerprint import fingerprint
from kcs.publishing.models import Drift, Publication, PublicationState, Target
from kcs.publishing.placing import guarded_settings
from kcs.publishing.queries import WAITING
from kcs.publishing.services import ask_for_sync, look_again, send_all_again
from kcs.tickets.accounts import credentials_of
from workflow.article import Audience

log = structlog.get_logger()

EVERY = timedelta(hours=1)
MOST_PAGES = 10
MOST_READ = 100
READ_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Lookout:
    """Looks into help centres through their providers."""

    providers: Mapping[str, Provider]

    def refresh(self, drift: Drift) -> None:
        """Read the text of an open drift again before somebody decides; commits.

        A help centre that cannot be asked now changes nothing: the write that follows asks it once more.
        """
        if drift.state not in WAITING:
            return
        publication = drift.publication
        publication_id, remote_id, locale = publication.id, publication.remote_id, publication.locale
        help_centre = self._help_centre(publication.target, interactive=True)
        db.session.rollback()
        if help_centre is None or remote_id is None:
            return
        try:
            text = help_centre.read(remote_id, locale)
        except RemoteError as error:
            log.info("drift_not_read", publication=publication_id, reason=error.message)
            return
        publication = db.session.get_one(Publication, publication_id)
        known = frozenset({publication.fingerprint} if publication.fingerprint else ())
        kind = kind_of(text, known, shown=publication.shown)
        if kind is not None and publication.state is PublicationState.DRIFTED:
            note_drift(publication, kind, text)
        elif kind is None:
            ask_for_sync(root_of(publication.article).id, publication.target_id, look=True)
        db.session.commit()

    def poll(self) -> int:
        """Look for changes in every active target, a bounded piece; return how many are read again."""
        with database.reading():
            ids = list(
                db.session.execute(select(Target.id).where(Target.active).order_by(Target.id)).scalars()
            )
        return sum(self._poll(target_id) for target_id in ids)

    def _poll(self, target_id: int) -> int:
        with database.reading():
            target = db.session.get_one(Target, target_id)
            help_centre, cursor = self._help_centre(target), target.cursor
            since = None if cursor else database.now() - READ_AFTER
        if help_centre is None:
            return 0
        try:
            found = _read_changes(target_id, help_centre, since, cursor)
        except RemoteError as error:
            db.session.rollback()
            log.warning("help_centre_not_polled", target=target_id, reason=error.message)
            return 0
        return found + _look_at_longest_unseen(target_id) + self._look_at_readers(target_id)

    def _look_at_readers(self, target_id: int) -> int:
        """Send again what its place shows to more people by now than it is for: that takes it from them."""
        with database.reading():
            target = db.session.get_one(Target, target_id)
            guarded = guarded_settings(target)
            centres = [(audience, self._help_centre(target, settings)) for audience, settings in guarded]
        wider = {audience for audience, centre in centres if centre and _is_wider(centre, audience)}
        found = send_all_again(target_id, wider)
        db.session.commit()
        return found

    def _help_centre(
        self, target: Target, settings: Mapping[str, str] | None = None, *, interactive: bool = False
    ) -> HelpCentre | None:
        connection = target.connection
        provider = self.providers.get(connection.provider)
        if provider is None or not connection.active:
            return None
        try:
            credentials = credentials_of(connection, provider, interactive=interactive)
            return provider.help_centre(credentials, dict(settings or target.settings or {}))
        except ConfigError as error:
            log.warning("help_centre_not_polled", target=target.id, reason=error.message)
            return None


def _is_wider(centre: HelpCentre, audience: Audience) -> bool:
    try:
        centre.refuse_wider(audience)
    except ShownToMore:
        return True
    except RemoteError as error:
        log.info("readers_not_looked_at", audience=audience, reason=error.message)
    return False


def _read_changes(target_id: int, help_centre: HelpCentre, since: datetime | None, cursor: str | None) -> int:
    """Read the list of changes on from `cursor`; each page is kept before the next. Raises RemoteError."""
    found = 0
    for _ in range(MOST_PAGES):
        page = help_centre.changed_articles(since, cursor)
        found += sum(_suspect(target_id, listing) for listing in page.articles)
        db.session.get_one(Target, target_id).cursor = cursor = page.cursor
        db.session.commit()
        if page.at_end:
            break
    return found


def _suspect(target_id: int, listing: RemoteListing) -> bool:
    """Have an article read again whose text is none that we know of; who reads it decides what happened."""
    rows = db.session.execute(
        select(Publication).where(Publication.target_id == target_id, Publication.remote_id == listing.id)
    ).scalars()
    texts = {text.locale: text for text in listing.texts}
    for row in rows:
        text = texts.get(row.locale)
        if row.state is PublicationState.DRIFTED:
            continue
        if text is None:
            suspicious = row.shown and bool(texts)
        else:
            changed = fingerprint(text.title, text.html) not in {row.fingerprint, row.sending}
            suspicious = text.draft == row.shown or (changed and row.shown)
        if suspicious:
            look_again(row.target.connection_id, listing.id)
            return True
    return False


def _look_at_longest_unseen(target_id: int) -> int:
    """Archived articles are in no list: have the texts read again that were not looked at for a day."""
    before: datetime = database.now() - READ_AFTER
    query = (
        select(Publication)
        .where(
            Publication.target_id == target_id,
            Publication.state == PublicationState.LIVE,
            or_(Publication.looked_at.is_(None), Publication.looked_at < before),
        )
        .order_by(Publication.looked_at.nulls_first(), Publication.id)
        .limit(MOST_READ)
    )
    roots = {root_of(publication.article).id for publication in db.session.execute(query).scalars()}
    for root_id in sorted(roots):
        ask_for_sync(root_id, target_id, look=True)
    db.session.commit()
    return len(roots)
