"""What one target should show of an article and its translations, and what it was last seen to show."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from kcs.articles.models import Article, Version
from kcs.articles.rendering import reader_html
from kcs.articles.translations import group_of
from kcs.database import db
from kcs.markup import readdressed
from kcs.ports import STAYS, Document
from kcs.publishing.fingerprint import fingerprint
from kcs.publishing.groups import publications_of
from kcs.publishing.links import address_for, linked_articles, path_of
from kcs.publishing.models import KeptImage, Publication, PublicationState, Target
from kcs.publishing.placing import Placement, locale_there, placement_of, text_for
from kcs.sentences import Sentence
from workflow.article import Audience

NO_LANGUAGE = Sentence(
    "The help centre has no language for this translation: an administrator names one on the publishing page."
)
SAME_LANGUAGE = Sentence(
    "Another text of this article has the same language there: an administrator names one for each."
)
OTHER_READERS = Sentence(
    "It has other readers than the article it belongs to, and the help centre shows both to the same."
)


@dataclass(frozen=True)
class Outgoing:
    """A text on its way: `addresses` lead from ours to those it gets there, `images` are its pictures."""

    document: Document
    placement: Placement
    version_id: int
    links: Mapping[int, str]
    addresses: Mapping[str, str]
    images: Mapping[str, str]  # name: our address

    def addressed(self, kept: Mapping[str, str]) -> Document:
        """Return the document as it is sent; `kept` says where the help centre has our pictures."""
        pictures = {address: kept[name] for name, address in self.images.items() if name in kept}
        leads = {**self.addresses, **pictures}
        html = readdressed(self.document.html, lambda address: leads.get(address, address))
        return replace(self.document, html=html)


@dataclass(frozen=True)
class Member:
    """One text of the group in this target: what it should be, and how its publication stood."""

    article_id: int
    publication_id: int
    locale: str
    state: PublicationState
    remote_id: str | None
    fingerprint: str | None
    shown: bool
    sent: str | None
    known: frozenset[str]
    outgoing: Outgoing | None
    problem: str = ""
    left_alone: bool = False  # taken over as it was, and never written by us


@dataclass(frozen=True)
class Plan:
    """One article with its translations in one target."""

    root_id: int
    target_id: int
    remote_id: str | None
    settings: Mapping[str, str]
    members: tuple[Member, ...]
    kept: Mapping[str, str] = field(default_factory=dict)
    archive: bool = False


def plan_of(root: Article, target: Target, base_url: str) -> Plan:
    """Return what the target should show of this article now, as far as it was ever asked to."""
    articles = group_of(root)
    rows = publications_of(articles, target.id)
    places = {article.id: placement_of(article, target) for article in articles}
    leader = next((article for article in articles if places[article.id] is not None), None)
    leading = places[leader.id] if leader else None
    wanted = _wanted(articles, places, leading, target)
    shelf = _Shelf(root, target, base_url, leading, tuple(leader.tags) if leader else ())
    by_id = {article.id: article for article in articles}
    members = [_member(row, by_id[row.article_id], wanted, rows, shelf) for row in rows]
    order = {article.id: place for place, article in enumerate(articles)}
    return Plan(
        root_id=root.id,
        target_id=target.id,
        remote_id=_remote_id(rows, order),
        settings=_settings(leading, rows, target),
        members=tuple(sorted(members, key=lambda member: order[member.article_id])),
        kept=_kept(members, target.id),
        archive=target.archives and _all_archived(articles),
    )


def sent_hash(document: Document, settings: Mapping[str, str]) -> str:
    """Return what tells one thing sent from another, its place included."""
    told = [document.marker, document.title, document.html, document.locale, *document.labels]
    return hashlib.sha256(json.dumps([told, sorted(settings.items())]).encode()).hexdigest()


@dataclass(frozen=True)
class _Shelf:
    root: Article
    target: Target
    base_url: str
    leading: Placement | None
    tags: tuple[str, ...]


# By article: the language it gets there, or why it cannot be there.
_Wanted = dict[int, tuple[str, str]]


def _wanted(
    articles: list[Article], places: Mapping[int, Placement | None], leading: Placement | None, target: Target
) -> _Wanted:
    found: _Wanted = {}
    taken: set[str] = set()
    readers = (target.offered or {}).get("readers", "")
    for article in articles:
        placement = places[article.id]
        if placement is None or leading is None:
            continue
        locale = locale_there(article, target)
        if locale is None:
            found[article.id] = article.locale, NO_LANGUAGE
        elif locale in taken:
            found[article.id] = locale, SAME_LANGUAGE
        elif placement.settings.get(readers, "") != leading.settings.get(readers, ""):
            found[article.id] = locale, OTHER_READERS
        else:
            taken.add(locale)
            found[article.id] = locale, ""
    return found


def _member(
    row: Publication, article: Article, wanted: _Wanted, rows: list[Publication], shelf: _Shelf
) -> Member:
    locale, problem = wanted.get(article.id, ("", ""))
    goes = row.locale == locale and not problem
    outgoing = _outgoing(article, row, shelf) if goes else None
    return Member(
        article_id=article.id,
        publication_id=row.id,
        locale=row.locale,
        state=row.state,
        remote_id=row.remote_id,
        fingerprint=row.fingerprint,
        shown=row.shown,
        sent=row.sent,
        known=_known(row, article, rows, shelf),
        outgoing=outgoing,
        problem=problem if row.locale == locale else "",
        left_alone=row.state is PublicationState.LIVE and row.version_id is None,
    )


def _outgoing(article: Article, row: Publication, shelf: _Shelf) -> Outgoing | None:
    own, leading, number = placement_of(article, shelf.target), shelf.leading, text_for(article)
    if number is None or own is None or leading is None:
        return None
    version = db.session.get_one(Version, number)
    base = shelf.base_url
    named = linked_articles(version, article.audience)
    links = {key: address_for(linked, shelf.target.id, row.locale) for key, linked in named.items()}
    html = reader_html(version, article.audience, base=base)
    return Outgoing(
        document=Document(
            marker=f"kcs-{shelf.root.id}",
            title=version.title,
            html=html,
            locale=row.locale,
            labels=tuple(dict.fromkeys((*shelf.tags, *leading.labels))),
            audience=article.audience,
        ),
        placement=own,
        version_id=version.id,
        links={named[key].id: address for key, address in links.items()},
        addresses={
            base + path_of(key): address for key, address in links.items() if address.startswith("http")
        },
        images=_images_in(html, base),
    )


def _images_in(html: str, base: str) -> dict[str, str]:
    """Return the pictures of ours in a text by name, each with its address."""
    pattern = re.compile(
        f'src="({re.escape(base)}/(?:help|articles)/images/' + r'([0-9a-f]{32}\.[a-z]{3,4}))"'
    )
    return {name: address for address, name in pattern.findall(html)}


def _known(row: Publication, article: Article, rows: list[Publication], shelf: _Shelf) -> frozenset[str]:
    """Return the fingerprints of the texts that we may find there without anybody having changed them.

    Rows from before there were fingerprints know the version alone: it is written out anew to compare.
    """
    same_place = [
        each for each in rows if each.locale == row.locale and each.remote_id in (None, row.remote_id)
    ]
    known = {mark for each in (row, *same_place) for mark in (each.fingerprint, each.sending) if mark}
    if row.fingerprint is None and row.version_id is not None:
        version = db.session.get_one(Version, row.version_id)
        audience = article.audience if article.audience is not Audience.INTERNAL else Audience.PUBLIC
        known.add(fingerprint(version.title, reader_html(version, audience, base=shelf.base_url)))
    return frozenset(known)


def _remote_id(rows: list[Publication], order: Mapping[int, int]) -> str | None:
    """Return the article there that the group shares: the source's, else a translation's."""
    having = [row for row in rows if row.remote_id is not None]
    first = min(having, key=lambda row: (order[row.article_id], row.id), default=None)
    return first.remote_id if first else None


def _settings(leading: Placement | None, rows: list[Publication], target: Target) -> dict[str, str]:
    """Return the settings to write with: readers that we once limited ourselves are all readers again."""
    settings = dict(leading.settings if leading else target.settings or {})
    readers = (target.offered or {}).get("readers", "")
    limited = any(row.placed and dict(json.loads(row.placed)[1]).get(readers) for row in rows)
    if any(row.stays for row in rows):
        settings[STAYS] = "1"
    return {readers: "", **settings} if readers and limited else settings


def _kept(members: list[Member], target_id: int) -> dict[str, str]:
    """Return where the help centre keeps the pictures of these texts, as far as it has them."""
    names = {name for member in members if member.outgoing for name in member.outgoing.images}
    query = select(KeptImage).where(KeptImage.target_id == target_id, KeptImage.name.in_(names))
    return {image.name: image.url for image in db.session.execute(query).scalars()} if names else {}


def _all_archived(articles: list[Article]) -> bool:
    closed = {"archived", "deleted"}
    return all(article.confidence in closed for article in articles)
