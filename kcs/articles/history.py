"""An article's history: any version, what changed between two, and an old one restored as a new one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from kcs.articles.diff import Change, word_diff
from kcs.articles.layout import Reader, readable_parts, shown_parts, template_of
from kcs.articles.models import Article, Version
from kcs.articles.services import save_version
from kcs.database import db
from kcs.errors import NotFound
from kcs.people.models import Agent


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
        raise NotFound(f"{article.key} has no version {number}.")
    return found


def changes_between(old: Version, new: Version, reader: Reader) -> list[FieldChange]:
    """Return what differs, as far as `reader` may read it: the title first, then by the new text's fields."""
    before, after = readable_parts(old, reader), readable_parts(new, reader)
    labels = {part.field.name: part.field.label for each in (old, new) for part in shown_parts(each, reader)}
    found = [FieldChange("title", "Title", word_diff(old.title, new.title))]
    if template_of(old) != template_of(new):
        names = word_diff(template_of(old).name, template_of(new).name)
        found.append(FieldChange("template", "Template", names))
    found += [
        FieldChange(name, labels[name], word_diff(before.get(name, ""), after.get(name, "")))
        for name in dict.fromkeys([*after, *before])
    ]
    return [each for each in found if any(change.kind != "same" for change in each.changes)]


def taken_over(article: Article, versions: list[Version]) -> set[int]:
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
