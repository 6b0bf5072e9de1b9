"""What people decide about a text changed or taken away in a help centre: each once, and on record."""

from __future__ import annotations

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights, services
from kcs.articles.models import Article
from kcs.articles.translations import root_of
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, StaleVersion, WorkflowError
from kcs.people.models import Agent
from kcs.publishing.comparing import taken_parts, text_of_drift, text_of_version
from kcs.publishing.models import Decision, Drift, DriftKind, DriftState, Publication, PublicationState
from kcs.publishing.placing import text_for
from kcs.publishing.queries import WAITING
from kcs.publishing.services import ask_for_sync
from kcs.sentences import Sentence
from workflow.article import Audience, Move
from workflow.permissions import Right

TAKEN = Sentence("Taken over from the help centre")

_AWAY = (Decision.PUBLISH_ANEW, Decision.BACK_TO_DRAFT, Decision.ARCHIVE_HERE)
OPEN_TO = {
    DriftKind.EDITED: (Decision.TAKE_THEIRS, Decision.BY_HAND, Decision.KEEP_OURS),
    DriftKind.UNPUBLISHED: _AWAY,
    DriftKind.GONE: _AWAY,
}
NEEDS = {
    Decision.TAKE_THEIRS: Right.PUBLISH,
    Decision.KEEP_OURS: Right.PUBLISH,
    Decision.BY_HAND: Right.EDIT_PUBLISHED,
    Decision.PUBLISH_ANEW: Right.PUBLISH,
    Decision.ARCHIVE_HERE: Right.ARCHIVE,
    Decision.BACK_TO_DRAFT: Right.WITHDRAW,
}


def decisions_open_to(agent: Agent, drift: Drift) -> list[Decision]:
    """Return what this person may decide about a drift now."""
    if drift.state not in WAITING:
        return []
    article = drift.publication.article
    return [each for each in OPEN_TO[drift.kind] if rights.authority_for(agent, article, NEEDS[each])]


def decide(drift: Drift, decision: Decision, *, by: Agent, seen: str, base: int | None = None) -> Drift:
    """Settle a drift, or begin to merge it by hand; the same decision again changes nothing.

    `seen` is the fingerprint of the text the person looked at, `base` the number of our present version.
    Raises NotAllowed, WorkflowError for one that is settled, StaleVersion with both texts when theirs or ours
    has changed meanwhile, and what publishing raises (privacy among it).
    """
    article = drift.publication.article
    services.lock(article)
    db.session.execute(select(Drift.id).where(Drift.id == drift.id).with_for_update())
    db.session.refresh(drift)
    if drift.state not in WAITING:
        return _decided_before(drift, decision)
    if decision not in OPEN_TO[drift.kind]:
        raise InvalidInput(
            "That is no way on from here.", errors={"decision": [Sentence("choose one of those offered")]}
        )
    grant = rights.require(by, article, NEEDS[decision])
    _refuse_stale(drift, article, seen, base)
    drift.ours = article.current_version
    if decision is Decision.BY_HAND and drift.state is DriftState.MERGING:
        return drift
    drift.decision, drift.decided_by_id, drift.decided_at = decision, by.id, database.now()
    drift.state = DriftState.MERGING if decision is Decision.BY_HAND else DriftState.SETTLED
    drift.changed_at = drift.decided_at
    record(
        "drift.decided",
        authority=grant,
        agent=by,
        article_id=article.id,
        after=decision.value,
        detail={"drift_id": drift.id, "target_id": drift.publication.target_id},
    )
    _carry_out(drift, decision, article, by)
    return drift


def _decided_before(drift: Drift, decision: Decision) -> Drift:
    if drift.decision is decision:
        return drift
    raise WorkflowError("This was decided meanwhile: look at the article to see how it stands now.")


def _refuse_stale(drift: Drift, article: Article, seen: str, base: int | None) -> None:
    present = article.current_version
    if seen == drift.fingerprint and base in (None, present.number):
        return
    theirs = text_of_drift(drift)
    raise StaleVersion(
        "The text has changed since you looked at it, here or in the help centre. Compare them anew.",
        errors={
            "theirs": {"title": theirs.title, **theirs.parts, "fingerprint": drift.fingerprint},
            "ours": {
                "title": present.title,
                **text_of_version(present, article).parts,
                "number": present.number,
            },
        },
    )


def _carry_out(drift: Drift, decision: Decision, article: Article, by: Agent) -> None:
    publication = drift.publication
    match decision:
        case Decision.TAKE_THEIRS:
            _free(publication, drift.fingerprint)
            _take_theirs(drift, article, by)
        case Decision.KEEP_OURS:
            _free(publication, drift.fingerprint)
            _send(publication)
        case Decision.PUBLISH_ANEW:
            for each in _away_with(drift):
                _begin_anew(each, drift.kind)
            _send(publication)
        case Decision.ARCHIVE_HERE:
            services.move_article(article, Move.ARCHIVE, by=by, reason=str(_reason(drift)))
        case Decision.BACK_TO_DRAFT:
            move = Move.DOUBT if article.audience is Audience.INTERNAL else Move.WITHDRAW
            services.move_article(article, move, by=by, reason=str(_reason(drift)))


def _take_theirs(drift: Drift, article: Article, by: Agent) -> None:
    """Write their text as a version of ours and publish it: with the rights and checks of any other."""
    present = article.current_version
    title, parts = taken_parts(drift, by)
    drift.taken = services.save_version(article, title, parts, by=by, base=present.number, note=str(TAKEN))
    if drift.taken.id == text_for(article):
        _send(drift.publication)
        return
    inside = article.audience is Audience.INTERNAL
    move, audience = (Move.VALIDATE, None) if inside else (Move.PUBLISH, article.audience)
    try:
        services.move_article(article, move, by=by, audience=audience)
    except NotAllowed as error:
        raise NotAllowed(
            "%(why)s Merge it by hand: then somebody else can publish it.", why=error.message
        ) from error


def _free(publication: Publication, mark: str) -> None:
    """Let the text that was looked at be written over, and no other."""
    publication.fingerprint, publication.sending = mark, None
    publication.state, publication.changed_at = PublicationState.PENDING, database.now()


def _begin_anew(publication: Publication, kind: DriftKind) -> None:
    publication.shown = False
    if kind is DriftKind.GONE:
        publication.remote_id = publication.fingerprint = publication.sending = publication.version_id = None
    publication.state, publication.changed_at = PublicationState.PENDING, database.now()


def _away_with(drift: Drift) -> list[Publication]:
    """Return the publications that begin anew together: all texts of an article that is gone."""
    own = drift.publication
    if drift.kind is not DriftKind.GONE:
        return [own]
    query = select(Drift).where(Drift.kind == DriftKind.GONE, Drift.state.in_(WAITING))
    others = [
        each
        for each in db.session.execute(query.join(Publication)).scalars()
        if (each.publication.remote_id, each.publication.target_id) == (own.remote_id, own.target_id)
    ]
    for each in others:
        each.state, each.changed_at = DriftState.SETTLED, database.now()
        each.ours = each.publication.article.current_version
        each.decision, each.decided_by_id, each.decided_at = (
            drift.decision,
            drift.decided_by_id,
            drift.decided_at,
        )
    return [own, *(each.publication for each in others)]


def _send(publication: Publication) -> None:
    ask_for_sync(root_of(publication.article).id, publication.target_id)


def _reason(drift: Drift) -> Sentence:
    if drift.kind is DriftKind.GONE:
        return Sentence("It was taken out of the help centre.")
    return Sentence("It was turned back into a draft in the help centre.")
