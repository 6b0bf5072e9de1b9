"""What a publisher writes down between its calls: each in a transaction of its own, while the effect is ours.

Everything here commits, and raises LeaseLostError when another worker has taken the effect over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import RemoteError
from kcs.outbox.services import EffectClaim
from kcs.ports import RemoteText
from kcs.publishing import drifts
from kcs.publishing.links import remember_links, web_address
from kcs.publishing.models import DriftKind, KeptImage, MovedArticle, Publication, PublicationState
from kcs.publishing.plan import Member, Plan
from kcs.publishing.services import renew_links_to
from kcs.publishing.signals import readers_changed
from kcs.text import clean_line


@dataclass(frozen=True)
class Written:
    """What was written, and what the help centre made of it."""

    remote_id: str
    url: str
    version_id: int
    fingerprint: str
    sent: str
    placed: str
    links: Mapping[int, str]


def intend(claim: EffectClaim, member: Member, mark: str) -> None:
    """Say which text is about to be written: should we be killed, nobody takes it for somebody else's."""
    _held(claim, member).sending = mark
    db.session.commit()


def keep_remote(claim: EffectClaim, member: Member, remote_id: str) -> None:
    """Remember the article there as soon as it is known."""
    _held(claim, member).remote_id = remote_id
    db.session.commit()


def note_moved(claim: EffectClaim, plan: Plan, before: str, after: str) -> None:
    """Remember that the article has another number there, and the addresses it had before."""
    db.session.rollback()
    claim.hold()
    ids = [each.publication_id for each in plan.members]
    rows = db.session.execute(
        select(Publication).where(Publication.id.in_(ids), Publication.remote_id == before)
    ).scalars()
    for row in rows:
        _keep_address(row, before)
        row.remote_id = after
    db.session.commit()


def keep_image(claim: EffectClaim, target_id: int, name: str, url: str) -> None:
    """Remember where the help centre keeps a picture."""
    claim.hold()
    if db.session.get(KeptImage, (target_id, name)) is None:
        db.session.add(KeptImage(target_id=target_id, name=name, url=url))
    db.session.commit()


def store_live(claim: EffectClaim, member: Member, written: Written) -> None:
    """Write down that readers there see this text now."""
    publication = _held(claim, member)
    before, appears = publication.state, not publication.shown
    publication.state, publication.shown = PublicationState.LIVE, True
    publication.remote_id = written.remote_id
    publication.url = web_address(written.url) or publication.url
    publication.version_id, publication.fingerprint = written.version_id, written.fingerprint
    publication.sending, publication.sent, publication.placed = None, written.sent, written.placed
    _settle(publication, before)
    drifts.let_go(publication.id)
    remember_links(publication.id, dict(written.links))
    _told(publication, changed=appears)


def note_taking_away(claim: EffectClaim, member: Member) -> None:
    """Say that the text is about to be taken from readers: nobody is to take it for somebody else's act."""
    _held(claim, member).shown = False
    db.session.commit()


def store_withdrawn(claim: EffectClaim, member: Member) -> None:
    """Write down that readers there see nothing of it, with the reason when it ought to be there."""
    publication = _held(claim, member)
    before = publication.state
    publication.state, publication.shown = PublicationState.WITHDRAWN, False
    publication.version_id, publication.sent = None, None
    _settle(publication, before)
    drifts.let_go(publication.id)
    if member.problem:
        publication.state, publication.problem = PublicationState.FAILED, member.problem
    remember_links(publication.id, {})
    _told(publication, changed=True)


def note_look(claim: EffectClaim, member: Member) -> None:
    """Remember that the text there is as we know it."""
    publication = _held(claim, member)
    publication.looked_at, publication.problem = database.now(), ""
    db.session.commit()


def note_waiting(claim: EffectClaim, member: Member, why: str) -> None:
    """Say why a text is not sent now although nothing is wrong with it."""
    _held(claim, member).problem = why
    db.session.commit()


def note_drift(claim: EffectClaim, member: Member, kind: DriftKind, text: RemoteText | None) -> None:
    """Stop: somebody changed or took away the text there."""
    publication = _held(claim, member)
    publication.looked_at = database.now()
    drifts.note_drift(publication, kind, text)
    db.session.commit()


def note_problems(claim: EffectClaim, members: Iterable[Member], error: RemoteError) -> None:
    """Say what went wrong, and that nobody tries any more when this was the last attempt."""
    db.session.rollback()
    claim.hold()
    for member in members:
        publication = db.session.get_one(Publication, member.publication_id, populate_existing=True)
        publication.problem = clean_line(error.message, limit=500)
        if (error.permanent or claim.held.last) and publication.state is not PublicationState.DRIFTED:
            publication.state = PublicationState.FAILED
    db.session.commit()


def is_nobody_elses(plan: Plan, member: Member) -> bool:
    """Return whether no text outside this group lives in the same article there."""
    own = [each.publication_id for each in plan.members]
    query = select(Publication.id).where(
        Publication.remote_id == member.remote_id,
        Publication.target_id == plan.target_id,
        Publication.id.not_in(own),
        Publication.state != PublicationState.WITHDRAWN,
    )
    with database.reading():
        return db.session.execute(query.limit(1)).first() is None


def _keep_address(publication: Publication, remote_id: str) -> None:
    known = select(MovedArticle.id).where(
        MovedArticle.target_id == publication.target_id,
        MovedArticle.article_id == publication.article_id,
        MovedArticle.remote_id == remote_id,
    )
    if publication.url is None or db.session.execute(known).first() is not None:
        return
    moved = MovedArticle(
        target_id=publication.target_id,
        article_id=publication.article_id,
        remote_id=remote_id,
        url=publication.url,
        moved_at=database.now(),
    )
    db.session.add(moved)
    db.session.flush()


def _held(claim: EffectClaim, member: Member) -> Publication:
    """Return the publication as it is now, in a transaction that only the effect's holder may have."""
    db.session.rollback()
    claim.hold()
    return db.session.get_one(Publication, member.publication_id, populate_existing=True)


def _settle(publication: Publication, before: PublicationState) -> None:
    moment = database.now()
    publication.problem, publication.changed_at, publication.looked_at = "", moment, moment
    record(
        "publication.synced",
        authority="system",
        article_id=publication.article_id,
        before=before.value,
        after=publication.state.value,
        detail={"target_id": publication.target_id, "version_id": publication.version_id},
    )


def _told(publication: Publication, *, changed: bool) -> None:
    """Let texts that link here follow, and commit; `changed` says that readers see it now, or no more."""
    db.session.flush()
    if changed:
        readers_changed.send(publication)
    renew_links_to(db.session.get_one(Article, publication.article_id))
    db.session.commit()
