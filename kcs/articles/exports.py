"""Articles for elsewhere: read in steps, each as far as the readers of the export may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import selectinload

from kcs.articles.domains import domain_named
from kcs.articles.formats.record import ArticleRecord, VersionRecord
from kcs.articles.layout import ShownPart, shown_parts, template_of
from kcs.articles.models import Article, Image, Version
from kcs.articles.queries import STATE_FILTERS, readable_by_visitors
from kcs.articles.structure import Field
from kcs.articles.trust import solved_counts
from kcs.database import db
from kcs.markup import ARTICLE_LINK
from kcs.people.models import Agent
from workflow.article import ArticleState, Audience, Confidence

BATCH = 100
# Wherever a key may stand in Markdown: between angles, and anywhere else up to what ends an address.
_LED_TO = re.compile(rf"""(?<=<){ARTICLE_LINK}[^<>\n]+(?=>)|{ARTICLE_LINK}[^\s()<>"'\]]+""")

_LINK = re.compile(rf"""\[([^\[\]]*)\]\(<?({ARTICLE_LINK}[^\s<>()"']+)>?(?:\s+"[^"\n]*")?\)""")


@dataclass(frozen=True)
class Selection:
    """Which articles, for whom, and whether with their history.

    `audience` internal is everything that was not thrown away, as whoever runs the system may read it;
    public is what visitors may read, and nothing about the people who wrote it.
    """

    audience: Audience = Audience.INTERNAL
    state: ArticleState | None = None
    domain: str | None = None
    history: bool = True

    @property
    def is_public(self) -> bool:
        """True when the readers are visitors."""
        return self.audience is not Audience.INTERNAL

    def condition(self) -> ColumnElement[bool]:
        """Return which articles are meant. Raises InvalidInput for an unknown domain."""
        readable = readable_by_visitors() if self.is_public else Article.confidence != Confidence.DELETED
        in_state = STATE_FILTERS[self.state] if self.state else true()
        return and_(readable, in_state, self._in_domain())

    def _in_domain(self) -> ColumnElement[bool]:
        if self.domain is None:
            return true()
        domain_id = domain_named(self.domain).id
        general = Article.domain_id.is_(None) if self.domain == "general" else None
        if general is None:
            return Article.domain_id == domain_id
        return general if domain_id is None else general | (Article.domain_id == domain_id)


@dataclass(frozen=True)
class Exported:
    """An article as its readers get it: what is said of it, and its text field by field."""

    record: ArticleRecord
    parts: list[ShownPart]


def count(selection: Selection) -> int:
    """Return how many articles are meant."""
    query = select(func.count()).select_from(Article).where(selection.condition())
    return db.session.execute(query).scalar_one()


def exported(selection: Selection) -> Iterator[Exported]:
    """Yield the articles, those merged into others after the others."""
    people = {} if selection.is_public else _addresses()
    for merged in (Article.merged_into_id.is_(None), Article.merged_into_id.is_not(None)):
        for batch in _batches(and_(selection.condition(), merged)):
            yield from _of_batch(batch, selection, people)


def _addresses() -> dict[int, str]:
    return {row.id: row.email for row in db.session.execute(select(Agent.id, Agent.email))}


def keys_in(keys: set[str], selection: Selection) -> set[str]:
    """Return those of `keys` that bear an article of the selection."""
    query = select(Article.key).where(Article.key.in_(keys), selection.condition())
    return set(db.session.execute(query).scalars())


def picture(name: str) -> bytes | None:
    """Return the bytes of a picture, None when there is none of that name."""
    return db.session.execute(select(Image.data).where(Image.name == name)).scalar_one_or_none()


def _batches(condition: ColumnElement[bool]) -> Iterator[list[Article]]:
    last = 0
    while True:
        query = (
            select(Article)
            .where(condition, Article.id > last)
            .order_by(Article.id)
            .limit(BATCH)
            .options(selectinload(Article.live_version), selectinload(Article.merged_into))
        )
        batch = list(db.session.execute(query).scalars())
        if not batch:
            return
        yield batch
        last = batch[-1].id


def _of_batch(batch: list[Article], selection: Selection, people: dict[int, str]) -> Iterator[Exported]:
    if selection.is_public:
        yield from (_for_visitors(article, article.live_version) for article in batch if article.live_version)
        return
    solved = solved_counts([article.id for article in batch])
    for article in batch:
        record = _whole(article, solved.get(article.id, 0), people, history=selection.history)
        yield Exported(record, every_part(article.current_version))


def _for_visitors(article: Article, version: Version) -> Exported:
    parts = shown_parts(version, Audience.PUBLIC)
    texts = _without_links_inside({part.field.name: part.text for part in parts})
    record = ArticleRecord(
        title=version.title,
        fields=texts,
        key=article.key,
        template=template_of(version).key,
        audience=Audience.PUBLIC,
        confidence=Confidence.VALIDATED,
        locale=article.locale,
        tags=article.tags,
        published_at=article.published_at,
    )
    return Exported(record, [ShownPart(part.field, texts[part.field.name]) for part in parts])


def _whole(article: Article, solved: int, people: dict[int, str], *, history: bool) -> ArticleRecord:
    current, live = article.current_version, article.live_version
    author, owner, checker = (
        people.get(each or 0) for each in (article.author_id, article.owner_id, article.last_checked_by_id)
    )
    return ArticleRecord(
        title=current.title,
        fields=current.parts,
        key=article.key,
        template=template_of(current).key,
        domain=article.domain.key if article.domain else None,
        audience=article.audience,
        confidence=article.confidence,
        governance=article.governance,
        locale=article.locale,
        tags=article.tags,
        author=author,
        owner=owner,
        created_at=article.created_at,
        changed_at=article.changed_at,
        published_at=article.published_at,
        last_checked_at=article.last_checked_at,
        last_checked_by=checker,
        last_used_at=article.last_used_at,
        reuse=solved + article.earlier_reuse,
        merged_into=article.merged_into.key if article.merged_into else None,
        current=current.number,
        live=live.number if live else None,
        versions=[_version(each, people) for each in _versions(article, history=history)],
    )


def _versions(article: Article, *, history: bool) -> list[Version]:
    """Return the versions to write: all, or those without which the article would not come back."""
    if history:
        query = select(Version).where(Version.article_id == article.id).options(selectinload(Version.base))
        return list(db.session.execute(query.order_by(Version.number)).scalars())
    current, live = article.current_version, article.live_version
    template = template_of(current)
    if live in (None, current) and all(template.field(name) for name in current.parts):
        return []
    kept = {version.number: version for version in (current, live) if version is not None}
    return [kept[number] for number in sorted(kept)]


def _version(version: Version, people: dict[int, str]) -> VersionRecord:
    return VersionRecord(
        number=version.number,
        title=version.title,
        fields=version.parts,
        template=version.template,
        author=people.get(version.author_id or 0),
        note=version.note,
        significance=version.significance,
        created_at=version.created_at,
        base=version.base.number if version.base else None,
    )


def every_part(version: Version) -> list[ShownPart]:
    """Return a whole text, whoever may read it, in the template's order."""
    template = template_of(version)
    order = [field.name for field in template.fields]
    names = sorted(version.parts, key=lambda name: order.index(name) if name in order else len(order))
    return [ShownPart(template.field(name) or Field(name, name), version.parts[name]) for name in names]


def _without_links_inside(texts: dict[str, str]) -> dict[str, str]:
    """Return texts whose links lead to articles visitors may read; of the others the words stay."""
    named = {address: _key(address) for text in texts.values() for address in _LED_TO.findall(text)}
    if not named:
        return texts
    known = keys_in(set(named.values()), Selection(Audience.PUBLIC))
    inside = {address for address, key in named.items() if key not in known}

    def without(text: str) -> str:
        text = _LINK.sub(lambda match: match[1] if match[2] in inside else match[0], text)
        return _LED_TO.sub(lambda match: "#" if match[0] in inside else match[0], text)

    return {name: without(text) for name, text in texts.items()}


def _key(address: str) -> str:
    return unquote(address.removeprefix(ARTICLE_LINK))
