"""Keep help centres in step with what may be read outside.

An effect names an article and a target, not a text: whoever carries it out reads what should be there now
and brings it about, so effects may be lost, repeated or late without harm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles.models import Article, Version
from kcs.articles.rendering import reader_html
from kcs.database import db
from kcs.errors import ConfigError, RemoteError
from kcs.outbox import services as outbox
from kcs.outbox.services import EffectClaim
from kcs.ports import Document, HelpCentre, Provider, RemoteArticle
from kcs.publishing.models import Publication, PublicationState, Target
from kcs.text import clean_line
from kcs.tickets.services import credentials_of
from kcs.worklist import LeaseLostError
from workflow.article import Audience

SYNC = "publication.sync"


def keep_in_step(article: Article) -> None:
    """Ask for every target to follow, in the transaction that changed the article."""
    targets = db.session.execute(select(Target).where(Target.active)).scalars().all()
    outside = _version_outside(article)
    for target in targets:
        publication = _publication(article, target)
        if publication is None and outside is None:
            continue
        if publication is None:
            publication = Publication(
                article_id=article.id, target_id=target.id, locale=target.locale, changed_at=database.now()
            )
            db.session.add(publication)
        elif _in_step(publication, outside):
            continue
        publication.state, publication.changed_at = PublicationState.PENDING, database.now()
        ask_for_sync(article.id, target.id)


def send_again(article: Article) -> None:
    """The article is shown differently although its text is the same: let every target that has it follow."""
    query = select(Publication).where(
        Publication.article_id == article.id, Publication.state == PublicationState.LIVE
    )
    for publication in db.session.execute(query).scalars():
        publication.state, publication.changed_at = PublicationState.PENDING, database.now()
        ask_for_sync(article.id, publication.target_id)


def ask_for_sync(article_id: int, target_id: int) -> None:
    """Write the effect that brings one article in step with one target."""
    outbox.write(
        SYNC,
        subject=f"publication:{article_id}:{target_id}",
        payload={"article_id": article_id, "target_id": target_id},
    )


@dataclass(frozen=True)
class _Wanted:
    """What one target should show: `document` None means nothing."""

    document: Document | None
    version_id: int | None
    remote_id: str | None
    fingerprint: str | None
    locale: str


class Publisher:
    """Carries out `publication.sync` effects through the HelpCentre port."""

    def __init__(self, providers: Mapping[str, Provider], base_url: str) -> None:
        self._providers = providers
        self._base_url = base_url

    def sync(self, claim: EffectClaim) -> None:
        """Bring one article in one target in step. Raises RemoteError, LeaseLostError."""
        article_id, target_id = claim.payload["article_id"], claim.payload["target_id"]
        try:
            with database.reading():
                target = db.session.get_one(Target, target_id)
                help_centre = self._help_centre(target)
                wanted = _wanted(db.session.get_one(Article, article_id), target, self._base_url)
            remote = _bring_about(help_centre, wanted, claim)
        except RemoteError as error:
            _note_problem(claim, error)
            raise
        try:
            _store(article_id, target_id, wanted, remote)
            claim.finish()
        except LeaseLostError:
            _step_back(claim, help_centre, wanted, remote)
            raise
        db.session.commit()

    def _help_centre(self, target: Target) -> HelpCentre:
        connection = target.connection
        provider = self._providers[connection.provider]
        try:
            return provider.help_centre(credentials_of(connection), target.settings)
        except ConfigError as error:
            raise RemoteError(error.message, permanent=True) from error


def _bring_about(help_centre: HelpCentre, wanted: _Wanted, claim: EffectClaim) -> RemoteArticle | None:
    if wanted.document is None:
        if wanted.remote_id is not None:
            help_centre.withdraw(wanted.remote_id, wanted.locale)
        return None
    if wanted.remote_id is not None:
        try:
            return help_centre.publish(wanted.remote_id, wanted.document)
        except RemoteError as error:
            if not error.missing:
                raise
    # An earlier create may have taken effect although its answer was lost: look for our marker first.
    remote = help_centre.find(wanted.document.marker) or _create(help_centre, wanted.document, claim)
    return help_centre.publish(remote.id, wanted.document)


def _create(help_centre: HelpCentre, document: Document, claim: EffectClaim) -> RemoteArticle:
    """Create only while the effect is ours: another worker may have looked and created meanwhile."""
    claim.hold()
    db.session.commit()
    return help_centre.create_draft(document)


def _step_back(
    claim: EffectClaim, help_centre: HelpCentre, wanted: _Wanted, remote: RemoteArticle | None
) -> None:
    """We were overtaken, and may have written an older text over a newer one: have it put right.

    An article that was new to us may be a second one, so it is taken from readers until then.
    """
    db.session.rollback()
    try:
        if remote is not None and remote.id != wanted.remote_id:
            help_centre.withdraw(remote.id, wanted.locale)
    finally:
        ask_for_sync(claim.payload["article_id"], claim.payload["target_id"])
        db.session.commit()


def _wanted(article: Article, target: Target, base_url: str) -> _Wanted:
    publication = _publication(article, target)
    version = article.live_version if _version_outside(article) is not None else None
    document = _document(article, version, target, base_url) if version is not None else None
    return _Wanted(
        document=document,
        version_id=version.id if version else None,
        remote_id=publication.remote_id if publication else None,
        fingerprint=_fingerprint(document) if document else None,
        locale=target.locale,
    )


def _document(article: Article, version: Version, target: Target, base_url: str) -> Document:
    return Document(
        marker=f"kcs-{article.id}",
        title=version.title,
        html=reader_html(version, Audience.PUBLIC, base=base_url),
        locale=target.locale,
        labels=tuple(article.tags),
    )


def _fingerprint(document: Document) -> str:
    return hashlib.sha256(f"{document.title}\0{document.html}\0{document.locale}".encode()).hexdigest()


def _store(article_id: int, target_id: int, wanted: _Wanted, remote: RemoteArticle | None) -> None:
    article = db.session.get_one(Article, article_id)
    publication = _publication(article, db.session.get_one(Target, target_id))
    if publication is None:
        return
    before = publication.state
    publication.state = PublicationState.LIVE if remote else PublicationState.WITHDRAWN
    publication.version_id, publication.fingerprint = wanted.version_id, wanted.fingerprint
    publication.problem, publication.changed_at = "", database.now()
    if remote is not None:
        publication.remote_id, publication.url = remote.id, remote.url
    record(
        "publication.synced",
        authority="system",
        article_id=article_id,
        before=before.value,
        after=publication.state.value,
        detail={"target_id": target_id, "version_id": wanted.version_id},
    )


def _note_problem(claim: EffectClaim, error: RemoteError) -> None:
    """Say what went wrong, and that nobody tries any more when this was the last attempt."""
    db.session.rollback()
    claim.hold()
    article = db.session.get_one(Article, claim.payload["article_id"])
    publication = _publication(article, db.session.get_one(Target, claim.payload["target_id"]))
    if publication is not None:
        publication.problem = clean_line(error.message, limit=500)
        if error.permanent or claim.held.last:
            publication.state = PublicationState.FAILED
    db.session.commit()


def _publication(article: Article, target: Target) -> Publication | None:
    return db.session.execute(
        select(Publication).where(
            Publication.article_id == article.id,
            Publication.target_id == target.id,
            Publication.locale == target.locale,
        )
    ).scalar_one_or_none()


def _version_outside(article: Article) -> int | None:
    """Return the version help centres show: nothing but what the public may read."""
    return article.live_version_id if article.audience is Audience.PUBLIC else None


def _in_step(publication: Publication, outside: int | None) -> bool:
    settled = publication.state in (PublicationState.LIVE, PublicationState.WITHDRAWN)
    return settled and publication.version_id == outside
