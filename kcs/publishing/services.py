"""Ask for help centres to follow, in the transaction that changed what they should show.

How they follow is `kcs.publishing.publisher`'s business: an effect names an article and a target, no text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.models import Article
from kcs.articles.translations import group_of, root_of
from kcs.database import db
from kcs.errors import WorkflowError
from kcs.outbox import services as outbox
from kcs.people.models import Agent
from kcs.publishing.drifts import let_go, open_drift_of
from kcs.publishing.groups import publications_of
from kcs.publishing.links import outdated_links
from kcs.publishing.models import DriftState, Publication, PublicationState, Target
from kcs.publishing.placing import Placement, locale_there, placement_of, text_for
from workflow.article import Audience
from workflow.permissions import Right

SYNC = "publication.sync"
SETTLED = (PublicationState.LIVE, PublicationState.WITHDRAWN)


def keep_in_step(article: Article) -> None:
    """Ask for every target to follow, in the transaction that changed the article."""
    db.session.flush()
    for target in db.session.execute(select(Target).where(Target.active)).scalars().all():
        follow_in(target, article)
    renew_links_to(article)


def follow_in(target: Target, article: Article) -> bool:
    """Ask for one target to follow when an article or a translation of it is out of step there."""
    members = group_of(root_of(article))
    due = [_falls_due(member, target) for member in members]
    live = [row for row in publications_of(members, target.id) if row.state is PublicationState.LIVE]
    # A text that was an article of its own there before it became a translation has to move.
    apart = len({row.remote_id for row in live}) > 1
    if apart or any(due):
        ask_for_sync(members[0].id, target.id)
    return apart or any(due)


def send_again(article: Article) -> None:
    """The article is shown differently although its text is the same: let every target that has it follow."""
    query = select(Publication).where(
        Publication.article_id == article.id, Publication.state == PublicationState.LIVE
    )
    for publication in db.session.execute(query).scalars():
        _send(publication)


def send_all_again(target_id: int, audiences: Collection[Audience]) -> int:
    """Let a target follow with every live text that is for these audiences; return how many there are."""
    query = (
        select(Publication)
        .join(Article, Article.id == Publication.article_id)
        .where(
            Publication.target_id == target_id,
            Publication.state == PublicationState.LIVE,
            Article.audience.in_(audiences),
        )
    )
    found = db.session.execute(query).scalars().all()
    for publication in found:
        _send(publication)
    return len(found)


def resend(publication: Publication, *, by: Agent) -> None:
    """Write a text once more because a person asks for it. Raises NotAllowed, WorkflowError."""
    article = publication.article
    grant = rights.require(by, article, Right.PUBLISH)
    if publication.state is PublicationState.DRIFTED:
        raise WorkflowError(
            "%(key)s was changed in the help centre: decide there first which text stays.", key=article.key
        )
    before = publication.state
    if publication.state is not PublicationState.PENDING:
        _send(publication)
        record(
            "publication.resent",
            authority=grant,
            agent=by,
            article_id=article.id,
            before=before.value,
            after=publication.state.value,
            detail={"target_id": publication.target_id},
        )


def ask_for_sync(
    article_id: int, target_id: int, *, look: bool = False, ours: Mapping[str, str] | None = None
) -> None:
    """Write the effect that brings one article, the source of its translations, in step with one target.

    `look` reads what is there although nothing changed here; `ours` names fingerprints by language of texts
    that we may have written late.
    """
    more = {**({"look": True} if look else {}), **({"ours": dict(ours)} if ours else {})}
    outbox.write(
        SYNC,
        subject=f"publication:{article_id}:{target_id}",
        payload={"article_id": article_id, "target_id": target_id, **more},
    )


def look_again(connection_id: int, remote_article_id: str) -> int:
    """Have an article read again that somebody may have changed there; return how many effects ask for it."""
    found = db.session.execute(
        select(Publication)
        .join(Target, Target.id == Publication.target_id)
        .where(
            Target.connection_id == connection_id,
            Target.active,
            Publication.remote_id == remote_article_id,
        )
    ).scalars()
    places = {(root_of(publication.article).id, publication.target_id) for publication in found}
    for root_id, target_id in sorted(places):
        ask_for_sync(root_id, target_id, look=True)
    return len(places)


def renew_links_to(article: Article) -> None:
    """Have the texts sent again in which a link to this article leads elsewhere by now."""
    places = {(root_of(each.article).id, each.target_id) for each in outdated_links(article)}
    for root_id, target_id in sorted(places):
        ask_for_sync(root_id, target_id)


def _send(publication: Publication) -> None:
    publication.state, publication.changed_at = PublicationState.PENDING, database.now()
    ask_for_sync(root_of(publication.article).id, publication.target_id)


def _falls_due(article: Article, target: Target) -> bool:
    """Mark how an article stands in a target; return whether something has to be done there."""
    placement = placement_of(article, target)
    locale = locale_there(article, target) or article.locale
    query = select(Publication).where(
        Publication.article_id == article.id, Publication.target_id == target.id
    )
    rows = list(db.session.execute(query).scalars())
    due = [_mark(row, article, placement if row.locale == locale else None) for row in rows]
    if placement is not None and locale not in {row.locale for row in rows}:
        publication = Publication(
            article_id=article.id, target_id=target.id, locale=locale, changed_at=database.now()
        )
        db.session.add(publication)
        due.append(True)
    return any(due)


def _mark(publication: Publication, article: Article, placement: Placement | None) -> bool:
    outside = text_for(article) if placement else None
    if publication.state is PublicationState.DRIFTED and outside is not None:
        return _merged(publication, outside)
    if _in_step(publication, outside, placement):
        return False
    if outside is None:
        let_go(publication.id)
    publication.state, publication.changed_at = PublicationState.PENDING, database.now()
    return True


def _in_step(publication: Publication, outside: int | None, placement: Placement | None) -> bool:
    placed = placement is None or publication.placed in ("", placement.written)
    return publication.state in SETTLED and publication.version_id == outside and placed


def _merged(publication: Publication, outside: int) -> bool:
    """A publication that drifted goes on when whoever merges both texts has published theirs, no sooner."""
    drift = open_drift_of(publication.id)
    if drift is None or drift.state is not DriftState.MERGING or outside == publication.version_id:
        return False
    drift.state, drift.changed_at, drift.taken_id = DriftState.SETTLED, database.now(), outside
    publication.fingerprint = drift.fingerprint
    publication.state, publication.changed_at = PublicationState.PENDING, database.now()
    return True
