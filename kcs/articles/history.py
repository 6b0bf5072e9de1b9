"""An article's history: any version, what changed between two, and an old one restored as a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from kcs.activity.models import Activity
from kcs.articles.diff import Change, word_diff
from kcs.articles.layout import Reader, readable_parts, shown_parts, template_of
from kcs.articles.models import Article, Version
from kcs.articles.services import save_version
from kcs.database import db
from kcs.errors import NotFound
from kcs.people.models import Agent
from kcs.sentences import Sentence
from workflow.article import ArticleState, Move

# The acts that put the text they name before readers outside.
_GO_OUTSIDE = (f"article.{Move.PUBLISH}", "article.imported")


@dataclass(frozen=True)
class FieldChange:
    """What changed in the title or in one field."""

    name: str
    label: str
    changes: list[Change]

    @property
    def pair(self) -> tuple[str, list[Change]]:
        """The label with what changed, as the page shows it."""
        return self.label, self.changes


def get_version(article: Article, number: int) -> Version:
    """Return a version by number. Raises NotFound."""
    query = select(Version).where(Version.article_id == article.id, Version.number == number)
    found = db.session.execute(query).scalar_one_or_none() if number < 2**31 else None
    if found is None:
        raise NotFound("%(key)s has no version %(number)s.", key=article.key, number=number)
    return found


def changes_between(old: Version, new: Version, reader: Reader) -> list[FieldChange]:
    """Return what differs, as far as `reader` may read it: the title first, then by the new text's fields."""
    before, after = readable_parts(old, reader), readable_parts(new, reader)
    labels = {part.field.name: part.field.label for each in (old, new) for part in shown_parts(each, reader)}
    found = [FieldChange("title", Sentence("Title"), word_diff(old.title, new.title))]
    if template_of(old) != template_of(new):
        names = word_diff(template_of(old).name, template_of(new).name)
        found.append(FieldChange("template", Sentence("Template"), names))
    found += [
        FieldChange(name, labels[name], word_diff(before.get(name, ""), after.get(name, "")))
        for name in dict.fromkeys([*after, *before])
    ]
    return [each for each in found if any(change.kind != "same" for change in each.changes)]


def version_read_at(article: Article, moment: datetime) -> Version:
    """Return the text a customer who was led to the article at `moment` could read.

    That is the published one; where none was published then, what colleagues had.
    """
    live, published_at = article.live_version, article.published_at
    if live is not None and published_at is not None and published_at <= moment:
        return live
    return _published_at(article, moment) or _colleagues_text(article, moment)


def _published_at(article: Article, moment: datetime) -> Version | None:
    """Return what the log says was before readers outside."""
    seen = Activity.article_id == article.id, Activity.after.is_not(None), Activity.happened_at <= moment
    rows = db.session.execute(
        select(Activity.kind, Activity.after, Activity.detail)
        .where(*seen, Activity.kind.like("article.%"))
        .order_by(Activity.id.desc())
    ).all()
    if not rows or rows[0].after != ArticleState.PUBLISHED:
        return None
    put_out = [row.detail.get("version_id") for row in rows if row.kind in _GO_OUTSIDE]
    return db.session.get(Version, put_out[0]) if put_out and put_out[0] else None


def _colleagues_text(article: Article, moment: datetime) -> Version:
    query = select(Version).where(Version.article_id == article.id).order_by(Version.number)
    versions = list(db.session.execute(query).scalars())
    taken = taken_over(article, versions)
    there = [each for each in versions if each.id in taken]
    return next((each for each in reversed(there) if each.created_at <= moment), there[0])


def taken_over(article: Article, versions: Sequence[Version]) -> set[int]:
    """Return the ids of the versions that are or were the article's text; the others were only proposed."""
    by_id = {version.id: version for version in versions}
    taken = {version.id for version in versions if version.base_id is None}
    step: Version | None = by_id.get(article.current_version_id or 0)
    while step is not None and step.id not in taken:
        taken.add(step.id)
        step = by_id.get(step.base_id or 0)
    return taken


def restore_version(article: Article, number: int, *, by: Agent, base: int) -> Version:
    """Write an old text as a new version on top of version `base`; rights and errors as for any edit."""
    old = get_version(article, number)
    return save_version(
        article,
        old.title,
        readable_parts(old, by),
        by=by,
        base=base,
        note=f"restored version {number}",
        template=template_of(old).key,
    )
