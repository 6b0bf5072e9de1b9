"""Acts on articles: create, save a version, move through the workflow, say that one is still right."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.domains import domain_of
from kcs.articles.flags import close_flags
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, FlagOutcome, Significance, Version
from kcs.articles.signals import article_changed, article_deleting, article_going_outside
from kcs.articles.structure import Need
from kcs.articles.writing import append_version, make_current, missing, prepare
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, StaleVersion, WorkflowError
from kcs.people.models import Agent
from kcs.text import clean, clean_line
from workflow import article as table
from workflow.article import ArticleState, Audience, Confidence, Move
from workflow.permissions import Governance, Right

# They mean something else in an address.
UNUSABLE_KEYS = frozenset({".", "..", "new", "images", "compare", "merge", "bulk"})
FIRST_NUMBER = 1000


def create_article(
    title: str,
    parts: Mapping[str, str],
    *,
    by: Agent,
    locale: str = "en",
    tags: tuple[str, ...] = (),
    governance: Governance | None = None,
    template: str | None = None,
    domain_id: int | None = None,
    happened_in: int | None = None,
) -> Article:
    """Begin a work-in-progress article. Raises NotAllowed, InvalidInput.

    `template` None is the domain's own, or plain for a text that is only a `body`; the template says the
    governance unless one is given. `happened_in` is the id of the ticket it was captured in.
    """
    grant = rights.grant_for(by, Right.CREATE)
    if grant is None:
        raise NotAllowed("You may not create articles: a licence is needed.")
    written = prepare(title, parts, template=template, by=by, domain_id=domain_id)
    article = new_article(
        locale=locale, tags=tags, governance=governance or written.template.governance, author=by
    )
    article.domain_id = domain_id
    make_current(article, append_version(article, written, author=by, note="created"))
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
    significance: Significance | None = None,
    template: str | None = None,
    happened_in: int | None = None,
) -> Version:
    """Write a new version on top of version number `base`. The live text stays as it is.

    The same text again is no new version. The edit answers the open flags. A validated article edited by
    somebody who may not validate, or in a domain where nobody validates their own, becomes not validated.
    Fields the writer may not see keep their text. Raises NotAllowed, InvalidInput, WorkflowError, and
    StaleVersion with the present text when somebody saved in between.
    """
    lock(article)
    if article.confidence in (Confidence.ARCHIVED, Confidence.DELETED):
        raise WorkflowError(f"An article that is {article.confidence} cannot be edited: restore it first.")
    grant = rights.require(by, article, rights.edit_right(article))
    present = article.current_version
    written = prepare(title, parts, template=template, by=by, over=present)
    if written.is_text_of(present):
        return present
    if present.number != base:
        raise StaleVersion(
            f"{article.key} has changed: you began from version {base}, the present one is {present.number}. "
            "Put your changes into the present text.",
            errors={
                "present": {
                    "number": present.number,
                    "title": present.title,
                    **readable_parts(present, by),
                }
            },
        )
    before = article.state
    version = append_version(article, written, author=by, note=note, significance=significance, base=present)
    enter_text(article, version, by=by)
    record(
        "article.edited",
        authority=grant,
        agent=by,
        article_id=article.id,
        ticket_id=happened_in,
        before=before.value,
        after=article.state.value,
        detail={
            "version_id": version.id,
            **({"significance": significance.value} if significance else {}),
        },
    )
    article_changed.send(article)
    return version


def enter_text(article: Article, version: Version, *, by: Agent) -> None:
    """Make a version the article's present text, with what that means for flags and confidence."""
    make_current(article, version)
    close_flags(article, by=by, outcome=FlagOutcome.EDITED)
    vouches = rights.authority_for(by, article, Right.VALIDATE) and not domain_of(article).others_validate
    if article.state is ArticleState.VALIDATED and not vouches:
        article.confidence = Confidence.NOT_VALIDATED
    elif article.confidence is Confidence.VALIDATED and vouches:
        # Whoever vouches for the new text is the one who checked it.
        _check_now(article, by)


def confirm_article(article: Article, *, by: Agent, happened_in: int | None = None) -> None:
    """Say that a validated article is still right: its interval begins anew.

    Raises NotAllowed, WorkflowError.
    """
    lock(article)
    grant = rights.require(by, article, Right.CONFIRM)
    if article.confidence is not Confidence.VALIDATED:
        raise WorkflowError(f"{article.key} is not validated: validate it rather than confirm it.")
    _check_now(article, by)
    record("article.confirmed", authority=grant, agent=by, article_id=article.id, ticket_id=happened_in)
    article_changed.send(article)


def move_article(
    article: Article, move: Move, *, by: Agent, audience: Audience | None = None, reason: str = ""
) -> Article:
    """Make one move of the workflow table. Raises NotAllowed (no right) or WorkflowError (wrong state)."""
    lock(article)
    grant = rights.require(by, article, move.right)
    before, reason = article.state, clean(reason, limit=2000).strip()
    try:
        state = table.after(before, move, _facts(article, by, move, audience, reason))
    except table.RefusedMoveError as error:
        raise _refused(article, str(error)) from error
    if state is ArticleState.PUBLISHED:
        article_going_outside.send(article)
    if state is ArticleState.DELETED:
        article_deleting.send(article)
    enter(article, state, audience)
    if move is Move.VALIDATE:
        _check_now(article, by)
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


def import_article(
    title: str,
    parts: Mapping[str, str],
    *,
    key: str | None = None,
    confidence: Confidence = Confidence.VALIDATED,
    audience: Audience = Audience.INTERNAL,
    locale: str = "en",
    tags: tuple[str, ...] = (),
    template: str | None = None,
    author: Agent | None = None,
) -> Article:
    """Take over an article that already has its state elsewhere. Raises InvalidInput."""
    written = prepare(title, parts, template=template)
    article = new_article(
        key=key, locale=locale, tags=tags, governance=written.template.governance, author=author
    )
    version = append_version(article, written, author=author, note="imported")
    finish_import(article, version, confidence, audience, author=author)
    return article


def finish_import(
    article: Article,
    current: Version,
    confidence: Confidence,
    audience: Audience,
    *,
    live: Version | None = None,
    author: Agent | None = None,
) -> None:
    """Give an article that was taken over its text and its state. Raises InvalidInput.

    `live` is the text readers outside get, `current` unless given. Only validated text may be readable
    outside, imported or not, and validated text answers something.
    """
    if audience is not Audience.INTERNAL and confidence is not Confidence.VALIDATED:
        raise InvalidInput(
            f"An article that is {confidence} cannot have the audience {audience}: only validated ones can.",
            errors={"audience": ["only validated articles go outside"]},
        )
    if confidence is Confidence.VALIDATED and missing(current, Need.ANSWER):
        raise InvalidInput(
            "A validated article needs a resolution, or a body.", errors={"resolution": ["needed"]}
        )
    # Who looks at what goes outside looks at the present text.
    make_current(article, live or current)
    if audience is not Audience.INTERNAL:
        article_going_outside.send(article)
    enter(article, table.state_of(confidence, audience), audience)
    make_current(article, current)
    article.last_checked_at = database.now() if confidence is Confidence.VALIDATED else None
    record(
        "article.imported",
        authority="system",
        agent=author,
        article_id=article.id,
        after=article.state.value,
        detail={"version_id": current.id},
    )
    article_changed.send(article)


def new_article(
    *,
    locale: str,
    tags: tuple[str, ...],
    author: Agent | None,
    key: str | None = None,
    governance: Governance = Governance.EXPERIENCE,
) -> Article:
    """Add an article without a text: the caller gives it one in the same transaction."""
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


def _refused(article: Article, why: str) -> WorkflowError:
    """Say why a move is refused, with the fields that are empty where that is why."""
    empty = [
        label for need in (Need.ANSWER, Need.REQUIRED) for label in missing(article.current_version, need)
    ]
    wanting = "needed" in why or "resolution" in why
    named = f" Still empty: {', '.join(empty)}." if empty and wanting else ""
    return WorkflowError(f"{why.capitalize()}.{named}", errors={"empty": empty} if named else {})


def _facts(
    article: Article, by: Agent | None, move: Move, audience: Audience | None = None, reason: str = ""
) -> table.Text:
    version = article.current_version
    published = article.audience if article.audience is not Audience.INTERNAL else None
    return table.Text(
        has_answer=not missing(version, Need.ANSWER),
        has_required=not missing(version, Need.REQUIRED),
        audience=audience or published,
        reason=reason,
        own_refused=by is not None and _is_own(article, by, move),
    )


def _is_own(article: Article, by: Agent, move: Move) -> bool:
    """Return whether this would be somebody vouching for their own text where the domain forbids it."""
    if not domain_of(article).others_validate:
        return False
    wrote = article.current_version.author_id == by.id
    if move is Move.PUBLISH:
        # What a colleague validated may be published by its author; a later edit of their own may not.
        return wrote and article.has_unpublished_changes
    return wrote or article.author_id == by.id


def _check_now(article: Article, by: Agent) -> None:
    article.last_checked_at, article.last_checked_by_id = database.now(), by.id


def enter(article: Article, state: ArticleState, audience: Audience | None) -> None:
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


def lock(article: Article) -> None:
    """Hold the row until the end of the transaction and see its present state."""
    db.session.flush()
    # In two statements: while one waits for the lock, it does not see the version that was just written.
    db.session.execute(select(Article.id).where(Article.id == article.id).with_for_update(key_share=True))
    db.session.refresh(article)
