"""Take one article over from a file: as a new one with its history, or as a new text of one that is here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from textwrap import shorten

from sqlalchemy import select, update

from kcs.activity.models import Activity
from kcs.activity.services import record as record_activity
from kcs.articles.beginning import new_article
from kcs.articles.domains import GENERAL, domain_named
from kcs.articles.formats.record import ArticleRecord, VersionRecord
from kcs.articles.images import note_uses
from kcs.articles.importing import finish_import
from kcs.articles.models import Article, Version
from kcs.articles.policy import Domain
from kcs.articles.services import lock
from kcs.articles.signals import article_changed
from kcs.articles.structure import Need
from kcs.articles.writing import Written, append_version, make_current, missing, prepare
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.queries import find_by_email
from kcs.text import clean_line
from workflow.article import ArticleState, Audience, Confidence

TITLE_FROM_TEXT = 100
IMPORTED = "article.imported"
# What the record of an article says of its life, under the same name in both.
MOMENTS = ("created_at", "changed_at", "published_at", "last_checked_at", "last_used_at")
PEOPLE = ("author", "owner", "last_checked_by")


class Done(StrEnum):
    """What became of an article in a file."""

    TAKEN = "taken"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass
class Taker:
    """Takes articles over, and remembers which were merged into others that are yet to come.

    `update` brings a changed text in as a new version; `make_domains` makes the domains that are not here.
    """

    update: bool = False
    make_domains: bool = False
    merged: list[tuple[int, str]] = field(default_factory=list)
    _people: dict[str, int | None] = field(default_factory=dict)

    def take(self, record: ArticleRecord) -> tuple[Done, Article]:
        """Take an article over. Raises InvalidInput; nothing that was written here is ever overwritten."""
        present = _article_here(record.key)
        if present is None:
            done, article = Done.TAKEN, self._take_new(record)
        else:
            done, article = self._take_again(present, record), present
        if record.merged_into and article.merged_into_id is None:
            self._merge_as_imported(article, record.merged_into)
        return done, article

    def merge_late(self) -> list[tuple[int, str]]:
        """Merge what waited for its target; return the ids and targets of those that are not here."""
        waiting, self.merged = self.merged, []
        for article_id, key in waiting:
            self._merge(db.session.get_one(Article, article_id), key)
        return self.merged

    def _merge_as_imported(self, article: Article, into: str) -> None:
        """Merge an article that nobody has taken up again here since it was imported."""
        untouched = _version_imported(article) == article.current_version_id
        if untouched and article.confidence is Confidence.ARCHIVED:
            self._merge(article, into)

    def _merge(self, article: Article, into: str) -> None:
        """Let an article lead to another in one step, with whatever led to it."""
        target = _article_here(into)
        while target is not None and target.merged_into is not None:
            target = target.merged_into
        if target is None or target is article:
            self.merged.append((article.id, into))
            return
        article.merged_into = target
        led_here = Article.merged_into_id == article.id
        db.session.execute(update(Article).where(led_here).values(merged_into_id=target.id))

    def _take_new(self, record: ArticleRecord) -> Article:
        domain_id = self._domain_id(record.domain)
        written = _written(record, domain_id)
        article = new_article(
            key=record.key,
            locale=record.locale,
            tags=tuple(record.tags),
            governance=record.governance or written.template.governance,
            author=None,
        )
        people = {f"{role}_id": self._agent_id(getattr(record, role)) for role in PEOPLE}
        _set(article, {**people, "domain_id": domain_id, "earlier_reuse": record.reuse or None})
        versions = self._versions(article, record, written)
        current = versions[record.current or max(versions)]
        live = versions.get(record.live or 0)
        if record.merged_into and record.confidence is not Confidence.ARCHIVED:
            raise InvalidInput(f"It was merged into {record.merged_into}, so it has to be archived.")
        if record.versions and not written.is_text_of(current):
            raise InvalidInput("The article's text is not that of its current version.")
        finish_import(article, current, _confidence(record, current), _audience(record), live=live)
        _set(article, {name: getattr(record, name) for name in MOMENTS})
        return article

    def _versions(self, article: Article, record: ArticleRecord, written: Written) -> dict[int, Version]:
        """Write the history, by number; an article that comes without one begins with its only text."""
        if not record.versions:
            template = written.template.key
            only = VersionRecord(1, written.title, written.parts, template, note="imported")
            made = {record.current or 1: self._version(article, only, written)}
        else:
            made = self._history(article, record)
        db.session.add_all(made.values())
        db.session.flush()
        for version in made.values():
            note_uses(version)
        return made

    def _history(self, article: Article, record: ArticleRecord) -> dict[int, Version]:
        made: dict[int, Version] = {}
        for each in sorted(record.versions, key=lambda version: version.number):
            if each.number in made:
                raise InvalidInput(f"There are two versions {each.number}.")
            written = _any_text(each.title, each.fields, each.template)
            made[each.number] = self._version(article, each, written, made.get(each.base or 0))
        if record.current is not None and record.current not in made:
            raise InvalidInput(f"There is no version {record.current} to be the current one.")
        return made

    def _version(
        self, article: Article, given: VersionRecord, written: Written, base: Version | None = None
    ) -> Version:
        return Version(
            article_id=article.id,
            number=given.number,
            title=written.title,
            parts=written.parts,
            template=given.template,
            author_id=self._agent_id(given.author),
            note=clean_line(given.note, limit=500),
            significance=given.significance,
            base=base,
            created_at=given.created_at or article.created_at,
        )

    def _take_again(self, article: Article, record: ArticleRecord) -> Done:
        if article.confidence is Confidence.DELETED:
            raise InvalidInput(f"{article.key} was thrown away here.")
        before = article.current_version
        title = record.title.strip() or _first_words(record)
        written = prepare(title, record.fields, template=record.template, over=before)
        if written.is_text_of(before):
            return Done.UNCHANGED
        if not self.update:
            raise InvalidInput(f"There is an article {article.key} already, with another text; see --update.")
        lock(article)
        if _version_imported(article) != article.current_version_id:
            raise InvalidInput(f"{article.key} was changed here since: put the two texts together by hand.")
        if article.confidence is Confidence.ARCHIVED:
            raise InvalidInput(f"{article.key} is archived here: restore it first.")
        _update(article, written, record)
        return Done.UPDATED

    def _agent_id(self, email: str | None) -> int | None:
        """Return the person with this address here, None for somebody unknown."""
        if email is None:
            return None
        if email not in self._people:
            found = find_by_email(email)
            self._people[email] = found.id if found else None
        return self._people[email]

    def _domain_id(self, key: str | None) -> int | None:
        if key is None:
            return None
        key = clean_line(key, limit=60)
        if self.make_domains and key != GENERAL and not _has_domain(key):
            db.session.add(Domain(key=key, name=key.replace("-", " ").capitalize()))
            db.session.flush()
        return domain_named(key).id


def _set(article: Article, values: dict[str, object]) -> None:
    """Set what the file says; to set what it leaves out to nothing would cost a statement an article."""
    for name, value in values.items():
        if value is not None:
            setattr(article, name, value)


def _update(article: Article, written: Written, record: ArticleRecord) -> None:
    """Put a text on top. What readers outside see stays; what the file does not vouch for is doubted."""
    before = article.state
    version = append_version(
        article, written, author=None, note="imported again", base=article.current_version
    )
    make_current(article, version)
    vouched = _confidence(record, version) is Confidence.VALIDATED and not missing(version, Need.ANSWER)
    if article.state is ArticleState.VALIDATED and not vouched:
        article.confidence = Confidence.NOT_VALIDATED
    record_activity(
        IMPORTED,
        authority="system",
        article_id=article.id,
        before=before.value,
        after=article.state.value,
        detail={"version_id": version.id},
    )
    article_changed.send(article)


def _article_here(key: str | None) -> Article | None:
    if key is None:
        return None
    # By id first: most are not here, and that is known without reading an article.
    query = select(Article.id).where(Article.key == clean_line(key, limit=120))
    found = db.session.execute(query).scalar_one_or_none()
    return None if found is None else db.session.get_one(Article, found)


def _has_domain(key: str) -> bool:
    return db.session.execute(select(Domain.id).where(Domain.key == key)).first() is not None


def _version_imported(article: Article) -> int | None:
    """Return the id of the version the last import made current; None for an article written here."""
    query = (
        select(Activity.detail)
        .where(Activity.article_id == article.id, Activity.kind == IMPORTED)
        .order_by(Activity.id.desc())
        .limit(1)
    )
    detail = db.session.execute(query).scalar_one_or_none()
    if detail is None:
        return None
    if "version_id" in detail:
        return int(detail["version_id"])
    # Imported before the log said which version it was: the first.
    first = select(Version.id).where(Version.article_id == article.id, Version.number == 1)
    return db.session.execute(first).scalar_one_or_none()


def _written(record: ArticleRecord, domain_id: int | None) -> Written:
    title = record.title.strip() or _first_words(record)
    if record.versions:
        return _any_text(title, record.fields, record.template)
    return prepare(title, record.fields, template=record.template, domain_id=domain_id)


def _any_text(title: str, fields: dict[str, str], template: str | None) -> Written:
    """Return a text as it was once written: it may hold fields that its template no longer has."""
    once = Version(title=title, parts=fields, template=template)
    return prepare(title, fields, template=template, over=once)


def _first_words(record: ArticleRecord) -> str:
    return shorten(" ".join(record.fields.values()), TITLE_FROM_TEXT, placeholder="…")


def _confidence(record: ArticleRecord, version: Version) -> Confidence:
    """Return how sure the file is; where it does not say, a text that answers nothing is work in progress."""
    if record.confidence is not None:
        return record.confidence
    return Confidence.WIP if missing(version, Need.ANSWER) else Confidence.VALIDATED


def _audience(record: ArticleRecord) -> Audience:
    """Return who may read it; a text that is not the live one goes outside by publishing, not by import."""
    return record.audience if record.holds_live_text else Audience.INTERNAL
