"""Acts on articles: create, save a version, move through the workflow, flag."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.models import PARTS, Article, Flag, Version
from kcs.articles.signals import article_changed, article_deleting, article_going_outside
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, StaleVersion, WorkflowError
from kcs.people.models import Agent
from kcs.text import clean, clean_line
from workflow import article as table
from workflow.article import ArticleState, Audience, Confidence, Move
from workflow.permissions import Governance, Right, Standing, authority

LONGEST_TITLE = 250
# They mean something else in an address.
UNUSABLE_KEYS = frozenset({".", "..", "new"})
FIRST_NUMBER = 1000


def create_article(
    title: str,
    parts: Mapping[str, str],
    *,
    by: Agent,
    locale: str = "en",
    tags: tuple[str, ...] = (),
    governance: Governance = Governance.EXPERIENCE,
    happened_in: int | None = None,
) -> Article:
    """Begin a work-in-progress article. Raises NotAllowed, InvalidInput.

    `happened_in` is the id of the ticket it was captured in.
    """
    grant = authority(Standing(by.licence, by.roles), Right.CREATE)
    if grant is None:
        raise NotAllowed("You may not create articles: a licence is needed.")
    article = _new_article(locale=locale, tags=tags, governance=governance, author=by)
    _append_version(article, title, parts, author=by, note="created")
    record(
        "article.created",
        authority=grant,
        agent=by,
        article_id=article.id,
        ticket_id=happened_in,
        after=article.state.value,
    )
    article_changed.send(article)
    return article


def save_version(
    article: Article,
    title: str,
    parts: Mapping[str, str],
    *,
    by: Agent,
    base: int,
    note: str = "",
    happened_in: int | None = None,
) -> Version:
    """Write a new version on top of version number `base`. The live text stays as it is.

    The same text again is no new version. The edit answers the open flags. A validated article edited by
    somebody who may not validate becomes not validated. Raises NotAllowed, InvalidInput, WorkflowError, and
    StaleVersion with the present text when somebody saved in between.
    """
    _lock(article)
    if article.confidence in (Confidence.ARCHIVED, Confidence.DELETED):
        raise WorkflowError(f"An article that is {article.confidence} cannot be edited: restore it first.")
    grant = rights.require(by, article, rights.edit_right(article))
    present = article.current_version
    title, parts = _checked(title, parts)
    if (present.title, present.parts) == (title, parts):
        return present
    if present.number != base:
        raise StaleVersion(
            f"{article.key} has changed: you began from version {base}, the present one is {present.number}. "
            "Put your changes into the present text.",
            errors={"present": {"number": present.number, "title": present.title, **present.parts}},
        )
    before = article.state
    version = _append_version(article, title, parts, author=by, note=note)
    _close_flags(article)
    if article.state is ArticleState.VALIDATED and rights.authority_for(by, article, Right.VALIDATE) is None:
        article.confidence = Confidence.NOT_VALIDATED
    record(
        "article.edited",
        authority=grant,
        agent=by,
        article_id=article.id,
        ticket_id=happened_in,
        before=before.value,
        after=article.state.value,
        detail={"version_id": version.id},
    )
    article_changed.send(article)
    return version


def move_article(
    article: Article, move: Move, *, by: Agent, audience: Audience | None = None, reason: str = ""
) -> Article:
    """Make one move of the workflow table. Raises NotAllowed (no right) or WorkflowError (wrong state)."""
    _lock(article)
    grant = rights.require(by, article, move.right)
    before, reason = article.state, clean(reason, limit=2000).strip()
    try:
        state = table.after(before, move, _facts(article, audience, reason))
    except table.RefusedMoveError as error:
        raise WorkflowError(str(error).capitalize() + ".") from error
    if state is ArticleState.PUBLISHED:
        article_going_outside.send(article)
    if state is ArticleState.DELETED:
        article_deleting.send(article)
    _enter(article, state, audience)
    if move is Move.VALIDATE:
        article.last_checked_at = database.now()
    record(
        f"article.{move}",
        authority=grant,
        agent=by,
        article_id=article.id,
        before=before.value,
        after=state.value,
        detail={"audience": article.audience.value, "version_id": article.current_version_id},
        remark=reason,
    )
    article_changed.send(article)
    return article


def flag_article(article: Article, reason: str, *, by: Agent, ticket_id: int | None = None) -> Flag:
    """Say that an article needs work. The same open flag by the same person again is no second one."""
    grant = rights.require(by, article, Right.FLAG)
    reason = clean(reason, limit=2000).strip()
    if not reason:
        raise InvalidInput("Say what is wrong with the article.", errors={"reason": ["say what is wrong"]})
    present = db.session.execute(
        select(Flag).where(
            Flag.article_id == article.id,
            Flag.agent_id == by.id,
            Flag.reason == reason,
            Flag.closed_at.is_(None),
        )
    ).scalar_one_or_none()
    if present is not None:
        return present
    flag = Flag(
        article_id=article.id, ticket_id=ticket_id, agent_id=by.id, reason=reason, created_at=database.now()
    )
    db.session.add(flag)
    record("article.flagged", authority=grant, agent=by, article_id=article.id, ticket_id=ticket_id)
    return flag


def import_article(
    title: str,
    parts: Mapping[str, str],
    *,
    key: str | None = None,
    confidence: Confidence = Confidence.VALIDATED,
    audience: Audience = Audience.INTERNAL,
    locale: str = "en",
    tags: tuple[str, ...] = (),
    author: Agent | None = None,
) -> Article:
    """Take over an article that already has its state elsewhere. Raises InvalidInput.

    Only validated text may be readable outside, imported or not, and validated text answers something.
    """
    if audience is not Audience.INTERNAL and confidence is not Confidence.VALIDATED:
        raise InvalidInput(
            f"An article that is {confidence} cannot have the audience {audience}: only validated ones can.",
            errors={"audience": ["only validated articles go outside"]},
        )
    article = _new_article(key=key, locale=locale, tags=tags, author=author)
    _append_version(article, title, parts, author=author, note="imported")
    if confidence is Confidence.VALIDATED and not _facts(article, None, "").has_resolution:
        raise InvalidInput(
            "A validated article needs a resolution, or a body.", errors={"resolution": ["needed"]}
        )
    if audience is not Audience.INTERNAL:
        article_going_outside.send(article)
    _enter(article, table.state_of(confidence, audience), audience)
    article.last_checked_at = database.now() if confidence is Confidence.VALIDATED else None
    record(
        "article.imported",
        authority="system",
        agent=author,
        article_id=article.id,
        after=article.state.value,
    )
    article_changed.send(article)
    return article


def _new_article(
    *,
    locale: str,
    tags: tuple[str, ...],
    author: Agent | None,
    key: str | None = None,
    governance: Governance = Governance.EXPERIENCE,
) -> Article:
    moment = database.now()
    article = Article(
        key=f"new-{secrets.token_hex(8)}" if key is None else _free_key(key),
        locale=clean_line(locale, limit=20),
        tags=[clean_line(tag, limit=60) for tag in tags],
        governance=governance,
        author_id=author.id if author else None,
        owner_id=author.id if author else None,
        created_at=moment,
        changed_at=moment,
    )
    db.session.add(article)
    db.session.flush()
    if key is None:
        _give_key(article)
    return article


def _free_key(given: str) -> str:
    key = clean_line(given, limit=120)
    if not key or "/" in key or key in UNUSABLE_KEYS:
        raise InvalidInput(f"'{given}' cannot be an article's key.", errors={"key": ["cannot be a key"]})
    if db.session.execute(select(Article.id).where(Article.key == key)).first():
        raise InvalidInput(f"There is an article {key} already.", errors={"key": ["already in use"]})
    return key


def _give_key(article: Article) -> None:
    """Name the article by its own id, so that two written at once never get the same key."""
    key = f"KB-{FIRST_NUMBER + article.id}"
    while db.session.execute(select(Article.id).where(Article.key == key)).first():
        # An imported article bears this number already.
        key += "a"
    article.key = key
    db.session.flush()


def _append_version(
    article: Article, title: str, parts: Mapping[str, str], *, author: Agent | None, note: str
) -> Version:
    title, kept = _checked(title, parts)
    number = article.current_version.number + 1 if article.current_version_id else 1
    version = Version(
        article_id=article.id,
        number=number,
        title=title,
        parts=kept,
        author_id=author.id if author else None,
        note=clean_line(note, limit=500),
        created_at=database.now(),
    )
    db.session.add(version)
    db.session.flush()
    article.current_version = version
    article.current_version_id = version.id
    article.changed_at = version.created_at
    return version


def _checked(title: str, parts: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    title = clean_line(title, limit=LONGEST_TITLE)
    if not title:
        raise InvalidInput("An article needs a title.", errors={"title": ["write a title"]})
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        raise InvalidInput(
            f"An article has no part called {', '.join(unknown)}. Its parts are {', '.join(PARTS)}.",
            errors={name: ["unknown part"] for name in unknown},
        )
    cleaned = {name: clean(parts[name]).replace("\r\n", "\n").strip() for name in PARTS if name in parts}
    return title, {name: text for name, text in cleaned.items() if text}


def _close_flags(article: Article) -> None:
    query = select(Flag).where(Flag.article_id == article.id, Flag.closed_at.is_(None))
    for flag in db.session.execute(query).scalars():
        flag.closed_at = database.now()


def _facts(article: Article, audience: Audience | None, reason: str) -> table.Text:
    version = article.current_version
    plain = bool(version.part("body"))
    published = article.audience if article.audience is not Audience.INTERNAL else None
    return table.Text(
        has_issue=plain or bool(version.part("issue")),
        has_resolution=plain or bool(version.part("resolution")),
        audience=audience or published,
        reason=reason,
    )


def _enter(article: Article, state: ArticleState, audience: Audience | None) -> None:
    """Store what a state means; the live text follows: publishing sets it, leaving takes it away."""
    kept = article.audience if article.audience is not Audience.INTERNAL else None
    article.confidence, article.audience = table.facets_of(state, audience or kept)
    moment = database.now()
    article.changed_at = moment
    if state is ArticleState.PUBLISHED:
        article.live_version_id = article.current_version_id
        article.published_at = moment
    else:
        article.live_version_id = None


def _lock(article: Article) -> None:
    """Hold the row until the end of the transaction and see its present state."""
    db.session.flush()
    # In two statements: while one waits for the lock, it does not see the version that was just written.
    db.session.execute(select(Article.id).where(Article.id == article.id).with_for_update(key_share=True))
    db.session.refresh(article)
