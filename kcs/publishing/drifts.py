"""Texts that somebody changed or took away in a help centre: noted once, followed while they are open."""

from __future__ import annotations

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.ports import RemoteText
from kcs.publishing.fingerprint import fingerprint
from kcs.publishing.models import Drift, DriftKind, DriftState, Publication, PublicationState
from kcs.publishing.queries import WAITING
from kcs.text import clean, clean_line

LONGEST_TEXT = 1_000_000  # characters of HTML kept of a text found there


def open_drift_of(publication_id: int) -> Drift | None:
    """Return the drift of a publication that is not settled, None without one."""
    query = select(Drift).where(Drift.publication_id == publication_id, Drift.state.in_(WAITING))
    return db.session.execute(query.order_by(Drift.id.desc()).limit(1)).scalar_one_or_none()


def kind_of(text: RemoteText | None, known: frozenset[str], *, shown: bool) -> DriftKind | None:
    """Return what happened to a text of ours, None for nothing; `shown`: readers saw it at our last look."""
    if text is None:
        return DriftKind.GONE if shown else None
    if fingerprint(text.title, text.html) not in known:
        return DriftKind.EDITED
    return DriftKind.UNPUBLISHED if text.draft and shown else None


def note_drift(publication: Publication, kind: DriftKind, text: RemoteText | None) -> Drift:
    """Stop writing to a publication until somebody decides; the same drift again is brought up to date."""
    moment = database.now()
    drift = open_drift_of(publication.id)
    found = fingerprint(text.title, text.html) if text else ""
    if drift is None:
        drift = Drift(publication_id=publication.id, version_id=publication.version_id, found_at=moment)
        db.session.add(drift)
    elif (drift.kind, drift.fingerprint) == (kind, found):
        publication.state = PublicationState.DRIFTED
        return drift
    drift.kind, drift.fingerprint, drift.changed_at = kind, found, moment
    drift.title = clean_line(text.title, limit=250) if text else ""
    drift.html = clean(text.html, limit=LONGEST_TEXT) if text else ""
    before, publication.state, publication.changed_at = publication.state, PublicationState.DRIFTED, moment
    publication.problem = ""
    db.session.flush()
    record(
        "publication.drifted",
        authority="system",
        article_id=publication.article_id,
        before=before.value,
        after=PublicationState.DRIFTED.value,
        detail={"target_id": publication.target_id, "drift_id": drift.id, "kind": kind.value},
    )
    return drift


def let_go(publication_id: int) -> None:
    """Nobody needs to decide any more: the text is as we knew it again, or ours is no longer outside."""
    drift = open_drift_of(publication_id)
    if drift is not None:
        drift.state, drift.changed_at = DriftState.OVER, database.now()
