"""Two articles for one issue become one: the newer goes into the older, and its address leads there."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update

from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Flag, Version
from kcs.articles.retiring import retire
from kcs.articles.services import enter_text, lock
from kcs.articles.signals import article_changed, articles_merged
from kcs.articles.trust import CLOSED
from kcs.articles.writing import append_version, prepare
from kcs.database import db
from kcs.errors import InvalidInput, StaleVersion, WorkflowError
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.words import ARTICLE_IS
from workflow.permissions import Right


def in_order(one: Article, other: Article) -> tuple[Article, Article]:
    """Return the newer and the older of two. Raises InvalidInput when they are the same."""
    if one.id == other.id:
        raise InvalidInput(
            "%(key)s cannot be merged with itself.",
            key=one.key,
            errors={"right": [Sentence("name another one")]},
        )
    older, newer = sorted((one, other), key=lambda article: (article.created_at, article.id))
    return newer, older


def merge_articles(
    one: Article,
    other: Article,
    title: str,
    parts: Mapping[str, str],
    *,
    by: Agent,
    base: int,
    newer_base: int | None = None,
) -> Article:
    """Merge two articles under one text; return the older, which stays. Raises as saving a version does.

    Whatever the order given, the newer is archived and goes into the older, with its open flags, its links,
    feedback and watchers. `base` and `newer_base` are the version numbers the text was put together from.
    What readers outside see of the older stays until it is published again.
    """
    newer, older = in_order(one, other)
    for article in sorted((newer, older), key=lambda each: each.id):
        lock(article)
    grants = {article.id: _require(article, by) for article in (newer, older)}
    for article, number in ((older, base), (newer, newer_base)):
        _refuse_stale(article, number, by)
    before = older.state
    version = _write(older, newer, title, parts, by)
    moved = _move_flags(newer, older)
    reason = f"merged into {older.key}"
    retire(newer, authority=grants[newer.id], reason=reason, by=by)
    newer.merged_into_id = older.id
    # One step leads there, however often it went on.
    db.session.execute(
        update(Article).where(Article.merged_into_id == newer.id).values(merged_into_id=older.id)
    )
    older.earlier_reuse += newer.earlier_reuse
    older.earlier_helpful += newer.earlier_helpful
    older.earlier_unhelpful += newer.earlier_unhelpful
    _keep_latest(newer, older)
    for article in (newer, older):
        record(
            "article.merged",
            authority=grants[article.id],
            agent=by,
            article_id=article.id,
            before=before.value if article is older else None,
            after=article.state.value,
            detail={
                "newer_id": newer.id,
                "into_id": older.id,
                "version_id": version.id,
                "newer_version_id": newer.current_version_id,
                "flags": moved,
            },
        )
    articles_merged.send(newer, into=older, by=by)
    article_changed.send(older)
    return older


def _require(article: Article, by: Agent) -> str:
    if article.confidence in CLOSED:
        raise WorkflowError(
            "%(key)s is %(confidence)s: restore it before it is merged.",
            key=article.key,
            confidence=ARTICLE_IS[article.confidence],
        )
    return rights.require(by, article, Right.MERGE)


def _refuse_stale(article: Article, number: int | None, by: Agent) -> None:
    present = article.current_version
    if number is None or present.number == number:
        return
    raise StaleVersion(
        "%(key)s has changed: you began from version %(number)s, the present one is %(present)s. Look at "
        "the present texts, then merge them.",
        key=article.key,
        number=number,
        present=present.number,
        errors={"present": {"number": present.number, "title": present.title, **readable_parts(present, by)}},
    )


def _write(older: Article, newer: Article, title: str, parts: Mapping[str, str], by: Agent) -> Version:
    present = older.current_version
    written = prepare(title, parts, by=by, over=present)
    if written.is_text_of(present):
        return present
    version = append_version(older, written, author=by, note=f"merged with {newer.key}", base=present)
    enter_text(older, version, by=by)
    return version


def _move_flags(newer: Article, older: Article) -> int:
    moved = db.session.execute(
        update(Flag)
        .where(Flag.article_id == newer.id, Flag.closed_at.is_(None))
        .values(article_id=older.id)
        .returning(Flag.id)
    )
    return len(moved.all())


def _keep_latest(newer: Article, older: Article) -> None:
    """The older was used when the newer was; that somebody checked the newer says nothing of the new text."""
    used = [moment for moment in (newer.last_used_at, older.last_used_at) if moment is not None]
    older.last_used_at = max(used, default=None)
