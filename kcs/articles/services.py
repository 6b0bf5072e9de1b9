"""Acts on articles: create, save a version, move through the workflow, say that one is still right."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.beginning import new_article
from kcs.articles.domains import domain_of
from kcs.articles.flags import close_flags
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, FlagOutcome, Significance, Version
from kcs.articles.signals import article_changed, article_deleting, article_going_outside
from kcs.articles.structure import Need
from kcs.articles.translations import refuse_language, root_of
from kcs.articles.writing import append_version, make_current, missing, prepare
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, StaleVersion, WorkflowError
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.text import clean
from kcs.words import ARTICLE_IS, RIGHTS
from workflow import article as table
from workflow.article import ArticleState, Audience, Confidence, Move
from workflow.permissions import Governance, Right

# What the guards ask for: a text that is filled in further, or a word with the move.
ASKS_FOR_TEXT = ("has_answer", "is_complete")
ASKS_FOR_FIELD = {"goes_outside": "audience", "has_reason": "reason"}


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
    note: str = "created",
    translation_of: Article | None = None,
) -> Article:
    """Begin a work-in-progress article. Raises NotAllowed, InvalidInput.

    `template` None is the domain's own, or plain for a text that is only a `body`; the template says the
    governance unless one is given. `happened_in` is the id of the ticket it was captured in.
    `translation_of` is an article, or another translation of one, that has no text in this language yet.
    """
    grant = rights.grant_for(by, Right.CREATE)
    if grant is None:
        raise NotAllowed("You may not create articles: a licence is needed.")
    if translation_of is not None:
        refuse_language(translation_of, locale)
    written = prepare(title, parts, template=template, by=by, domain_id=domain_id)
    article = new_article(
        locale=locale, tags=tags, governance=governance or written.template.governance, author=by
    )
    article.domain_id = domain_id
    article.translation_of = root_of(translation_of) if translation_of is not None else None
    make_current(article, append_version(article, written, author=by, note=note))
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
        raise WorkflowError(
            "An article that is %(confidence)s cannot be edited: restore it first.",
            confidence=ARTICLE_IS[article.confidence],
        )
    grant = rights.require(by, article, rights.edit_right(article))
    present = article.current_version
    written = prepare(title, parts, template=template, by=by, over=present)
    if written.is_text_of(present):
        return present
    if present.number != base:
        raise StaleVersion(
            "%(key)s has changed: you began from version %(base)s, the present one is %(present)s. Put "
            "your changes into the present text.",
            key=article.key,
            base=base,
            present=present.number,
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
        raise WorkflowError("%(key)s is not validated: validate it rather than confirm it.", key=article.key)
    _check_now(article, by)
    record("article.confirmed", authority=grant, agent=by, article_id=article.id, ticket_id=happened_in)
    article_changed.send(article)


def move_article(
    article: Article, move: Move, *, by: Agent, audience: Audience | None = None, reason: str = ""
) -> Article:
    """Make one move of the workflow table.

    Raises NotAllowed (no right), WorkflowError (wrong state), InvalidInput (no audience, or no reason).
    """
    lock(article)
    grant = rights.require(by, article, move.right)
    reason = clean(reason, limit=2000).strip()
    try:
        state = table.after(article.state, move, _facts(article, by, move, audience, reason))
    except table.RefusedMoveError as error:
        raise _refused(article, error) from error
    if state is ArticleState.PUBLISHED:
        article_going_outside.send(article)
    if state is ArticleState.DELETED:
        article_deleting.send(article)
    if move is Move.VALIDATE:
        _check_now(article, by)
    complete_move(article, move, state, audience=audience, authority=grant, by=by, reason=reason)
    return article


def complete_move(
    article: Article,
    move: Move,
    state: ArticleState,
    *,
    audience: Audience | None = None,
    authority: str,
    by: Agent | None,
    reason: str,
) -> None:
    """Store the state a move leads to, and write the move down."""
    before = article.state
    enter(article, state, audience)
    record(
        f"article.{move}",
        authority=authority,
        agent=by,
        article_id=article.id,
        before=before.value,
        after=state.value,
        detail={"audience": article.audience.value, "version_id": article.current_version_id},
        remark=reason,
    )
    article_changed.send(article)


def _refused(article: Article, refusal: table.RefusedMoveError) -> WorkflowError | InvalidInput:
    """Say why a move is refused, with what is missing where that is why."""
    why = _why(refusal)
    if refusal.guard in ASKS_FOR_FIELD:
        return InvalidInput(why, errors={ASKS_FOR_FIELD[refusal.guard]: [Sentence("needed")]})
    if refusal.guard not in ASKS_FOR_TEXT:
        return WorkflowError(why)
    needs = (Need.ANSWER, Need.REQUIRED)
    empty = [label for need in needs for label in missing(article.current_version, need)]
    return WorkflowError(
        "%(why)s Still empty: %(empty)s.", why=why, empty=", ".join(empty), errors={"empty": empty}
    )


def _why(refusal: table.RefusedMoveError) -> Sentence:
    if refusal.guard is not None:
        return Sentence(table.REFUSALS[refusal.guard])
    return Sentence(
        "'%(move)s' is not possible while the article is '%(state)s'.",
        move=RIGHTS[refusal.move.right],
        state=ARTICLE_IS[refusal.state],
    )


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
