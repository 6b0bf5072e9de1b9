"""Writing versions: check a text against its template, and append it to the article's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from kcs import database
from kcs.articles.domains import general_domain
from kcs.articles.images import note_uses
from kcs.articles.layout import may_read, readable_parts, template_named, template_of
from kcs.articles.models import Article, Significance, Version
from kcs.articles.policy import Domain
from kcs.articles.structure import PLAIN, Need, Template
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.text import clean, clean_line

LONGEST_TITLE = 250


@dataclass(frozen=True)
class Written:
    """A checked text: what a version will hold."""

    title: str
    parts: dict[str, str]
    template: Template

    def is_text_of(self, version: Version) -> bool:
        """Return whether this is word for word what the version holds."""
        same = (version.title, version.parts) == (self.title, self.parts)
        return same and template_of(version).key == self.template.key


def prepare(
    title: str,
    parts: Mapping[str, str],
    *,
    template: str | None = None,
    by: Agent | None = None,
    over: Version | None = None,
    domain_id: int | None = None,
) -> Written:
    """Return the text as it will be kept. Raises InvalidInput naming each field at fault.

    `parts` is the whole text as far as `by` may see it (`by` None sees every field). `over` is the text it is
    to replace: what `by` may not see of it stays, and its template goes on unless another is named. A text
    that is only a `body` is plain.
    """
    chosen = _template_for(template, parts, over, domain_id)
    title = clean_line(title, limit=LONGEST_TITLE)
    if not title:
        raise InvalidInput("An article needs a title.", errors={"title": [Sentence("write a title")]})
    kept = _kept(over, chosen, by)
    _refuse_unknown({name for name in parts if parts[name] != kept.get(name)}, chosen, by, over)
    cleaned = {name: _cleaned(text) for name, text in {**kept, **parts}.items()}
    names = dict.fromkeys([*(field.name for field in chosen.fields), *sorted(cleaned)])
    return Written(title, {name: cleaned[name] for name in names if cleaned.get(name)}, chosen)


def append_version(
    article: Article,
    written: Written,
    *,
    author: Agent | None,
    note: str,
    significance: Significance | None = None,
    base: Version | None = None,
) -> Version:
    """Append a text to the article's history; what is current and what is live stay as they are."""
    latest = db.session.execute(
        select(func.max(Version.number)).where(Version.article_id == article.id)
    ).scalar_one()
    version = Version(
        article_id=article.id,
        number=(latest or 0) + 1,
        title=written.title,
        parts=written.parts,
        template=written.template.key,
        author_id=author.id if author else None,
        note=clean_line(note, limit=500),
        significance=significance,
        base_id=base.id if base else None,
        created_at=database.now(),
    )
    db.session.add(version)
    db.session.flush()
    note_uses(version)
    return version


def make_current(article: Article, version: Version) -> None:
    """Let colleagues see and edit this version from now on."""
    article.current_version = version
    article.current_version_id = version.id
    article.changed_at = database.now()


def missing(version: Version, need: Need) -> list[str]:
    """Return the labels of the fields of this need that are empty."""
    return [
        field.label
        for field in template_of(version).fields
        if field.need is need and not version.part(field.name)
    ]


def _template_for(
    named: str | None, parts: Mapping[str, str], over: Version | None, domain_id: int | None
) -> Template:
    if named:
        return template_named(named)
    if set(parts) == {"body"}:
        return template_named(PLAIN)
    if over is not None:
        return template_of(over)
    domain = db.session.get(Domain, domain_id) if domain_id else None
    return template_named((domain or general_domain()).template)


def _kept(over: Version | None, chosen: Template, by: Agent | None) -> dict[str, str]:
    """Return what stays although the writer does not send it: the fields they may not see."""
    if over is None or by is None:
        return {}
    seen = readable_parts(over, by)
    shown = {field.name for field in chosen.fields if may_read(field, by)}
    return {name: text for name, text in over.parts.items() if name not in seen and name not in shown}


def _refuse_unknown(names: set[str], template: Template, by: Agent | None, over: Version | None) -> None:
    """A writer fills the fields they see; text in fields that are gone may stay, change or be taken out."""
    writable = [field.name for field in template.fields if by is None or may_read(field, by)]
    gone = {name for name in (over.parts if over else ()) if template.field(name) is None}
    unknown = sorted(names - set(writable) - gone)
    if unknown:
        raise InvalidInput(
            "The template '%(name)s' has no field called %(unknown)s. Its fields are %(writable)s.",
            name=template.name,
            unknown=", ".join(unknown),
            writable=", ".join(writable),
            errors={name: ["unknown field"] for name in unknown},
        )


def _cleaned(text: str) -> str:
    """Keep what was typed to the last blank: at the start of a line it makes code, at its end a new line."""
    text = clean(text).replace("\r\n", "\n")
    return text if text.strip() else ""
