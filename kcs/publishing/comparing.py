"""Three texts side by side: what we wrote, what we have now, and what was found in the help centre.

Their HTML is read back into the parts of our text, by the headings we gave them. What we wrote is read back
the same way, so that only what people changed differs, not how a help centre writes HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from sqlalchemy import select

from kcs.articles.diff import Change, word_diff
from kcs.articles.formats.hypertext import Readdress, to_markdown
from kcs.articles.layout import readable_parts, template_of
from kcs.articles.models import Article, Version
from kcs.articles.rendering import reader_html
from kcs.database import db
from kcs.markup import ARTICLE_LINK, IMAGE_LINK
from kcs.people.models import Agent
from kcs.publishing.links import BUILT_IN
from kcs.publishing.models import Drift, KeptImage, Publication
from kcs.publishing.queries import WAITING
from kcs.publishing.weaving import Clash, Woven, only_in, weave
from kcs.sentences import Sentence
from workflow.article import Audience

TITLE = "title"
OUR_IMAGES = "/help/images/"
LEADING = ("https://", "http://", "mailto:", "/")


@dataclass(frozen=True)
class Text:
    """A title and its parts, as Markdown by the name of their field."""

    title: str
    parts: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One part three ways: `base` is what we wrote, `ours` what we have now, `theirs` what was found."""

    name: str
    label: str
    base: str
    ours: str
    theirs: str

    @property
    def their_changes(self) -> list[Change]:
        """What they changed of what we wrote."""
        return word_diff(self.base, self.theirs)

    @property
    def our_changes(self) -> list[Change]:
        """What we changed since."""
        return word_diff(self.base, self.ours)

    @property
    def by_them(self) -> bool:
        """True when they changed it."""
        return self.base != self.theirs

    @property
    def by_us(self) -> bool:
        """True when we changed it."""
        return self.base != self.ours

    @property
    def clashes(self) -> bool:
        """True when both changed it, each otherwise."""
        return self.by_them and self.by_us and self.ours != self.theirs

    @property
    def taken(self) -> str:
        """What taking theirs makes of it: a part they changed is theirs in whole."""
        return self.theirs if self.by_them else self.ours

    @property
    def dropped(self) -> list[str]:
        """The lines we wrote since that taking theirs leaves out."""
        return only_in(self.ours, self.base, self.taken)

    @property
    def woven(self) -> Woven:
        """Both changes put together; a title is one passage."""
        if self.name == TITLE and self.clashes:
            return Woven(f"{self.ours} / {self.theirs}", (Clash(self.ours, self.theirs),))
        return weave(self.base, self.ours, self.theirs) if self.clashes else Woven(self.taken, ())


def rows_of(drift: Drift, ours: Version | None = None) -> list[Row]:
    """Return the title and every part that any of the three has text in.

    `ours` is what theirs is compared to: our present text while the drift waits, else the one it was decided
    about. One that nobody decided about has what we wrote alone.
    """
    article = drift.publication.article
    version = ours or (article.current_version if drift.state in WAITING else drift.ours)
    base = base_of(drift)
    labels = {TITLE: str(Sentence("Title")), **_labels(_written(drift))}
    texts = (base, text_of_version(version, article) if version else base, text_of_drift(drift))
    three = [{TITLE: each.title, **each.parts} for each in texts]
    return [
        Row(name, label, *(each.get(name, "") for each in three))
        for name, label in labels.items()
        if any(each.get(name) for each in three)
    ]


def base_of(drift: Drift) -> Text:
    """Return what we had written there; nothing when the text there never was ours."""
    if drift.version is None:
        return Text("", {})
    return text_of_version(drift.version, drift.publication.article)


def text_of_version(version: Version, article: Article) -> Text:
    """Return a text of ours as readers outside get it, read back as theirs is."""
    html = reader_html(version, _audience(article))
    return Text(version.title, _read_back(html, version, picture=_our_picture, link=_our_link))


def text_of_drift(drift: Drift) -> Text:
    """Return the text found in the help centre, its links and pictures of ours leading here again."""
    publication = drift.publication
    keys = _keys_there(publication)
    kept = _images_there(publication.target_id)
    return Text(
        drift.title,
        _read_back(
            drift.html,
            _written(drift),
            picture=lambda address: kept.get(address) or _our_picture(address),
            link=lambda address: keys.get(address) or _our_link(address),
        ),
    )


def taken_parts(drift: Drift, by: Agent) -> tuple[str, dict[str, str]]:
    """Return our present text with the parts they changed as theirs: what they left alone stays as it is."""
    return _put_in(drift, by, lambda row: row.taken)


def woven_parts(drift: Drift, by: Agent) -> tuple[str, dict[str, str]]:
    """Return our present text with what they changed put in beside what we changed."""
    return _put_in(drift, by, lambda row: row.woven.text)


def _put_in(drift: Drift, by: Agent, text: Callable[[Row], str]) -> tuple[str, dict[str, str]]:
    present = drift.publication.article.current_version
    changed = {row.name: text(row) for row in rows_of(drift, present) if row.by_them}
    title = changed.pop(TITLE, present.title)
    parts = {**readable_parts(present, by), **changed}
    return title, {name: text for name, text in parts.items() if text or name in present.parts}


def _written(drift: Drift) -> Version:
    """Return the version whose headings we look for in their text."""
    return drift.version or drift.publication.article.current_version


def _labels(version: Version) -> dict[str, str]:
    return {field.name: str(field.label) for field in template_of(version).fields}


def _audience(article: Article) -> Audience:
    """Return whom the text there is for: of an article that is for colleagues now, who it was sent for."""
    if article.audience is not Audience.INTERNAL:
        return article.audience
    sent_inside = select(Publication.id).where(
        Publication.article_id == article.id, Publication.placed.startswith(f'["{Audience.INTERNAL.value}"')
    )
    return Audience.INTERNAL if db.session.execute(sent_inside).first() else Audience.PUBLIC


def _read_back(html: str, version: Version, *, picture: Readdress, link: Readdress) -> dict[str, str]:
    """Return HTML as the parts of our text; what stands above the first heading belongs to the first part."""
    labels = _labels(version)
    fields = {" ".join(label.split()).casefold(): name for name, label in labels.items()}
    name = next((name for name in labels if name == "body" or version.parts.get(name)), "body")
    pieces: dict[str, list[str]] = {}
    soup = BeautifulSoup(html, "html.parser")
    for anchor in soup.find_all("a"):
        if not str(anchor.get("href") or "").strip().lower().startswith(LEADING):
            anchor.unwrap()
    for element in _top_of(soup):
        heading = element.get_text(" ") if isinstance(element, Tag) and element.name == "h2" else ""
        named = fields.get(" ".join(heading.split()).casefold())
        if named and name != "body":
            name = named
        else:
            pieces.setdefault(name, []).append(str(element))
    convert = partial(to_markdown, picture=picture, link=link)
    texts = {name: convert("".join(found)).text.strip() for name, found in pieces.items()}
    return {name: text for name, text in texts.items() if text}


def _top_of(soup: BeautifulSoup) -> Iterable[PageElement]:
    """Return the elements of the text, out of a box that a help centre may have put around it."""
    top: Tag = soup
    while True:
        inside = [each for each in top.children if isinstance(each, Tag) or str(each).strip()]
        if len(inside) != 1 or not isinstance(inside[0], Tag) or inside[0].name not in ("div", "section"):
            return list(top.children)
        top = inside[0]


def _our_link(address: str) -> str | None:
    _, found, key = address.partition(BUILT_IN)
    return ARTICLE_LINK + key if found and key and "/" not in key else None


def _our_picture(address: str) -> str | None:
    _, found, name = address.partition(OUR_IMAGES)
    return IMAGE_LINK + name if found and name and "/" not in name else None


def _keys_there(publication: Publication) -> dict[str, str]:
    """Return, by address, the articles of ours that the target shows in this language."""
    query = (
        select(Publication.url, Article.key)
        .join(Article, Article.id == Publication.article_id)
        .where(Publication.target_id == publication.target_id, Publication.locale == publication.locale)
    )
    return {url: ARTICLE_LINK + key for url, key in db.session.execute(query).all() if url}


def _images_there(target_id: int) -> dict[str, str]:
    query = select(KeptImage).where(KeptImage.target_id == target_id)
    return {image.url: IMAGE_LINK + image.name for image in db.session.execute(query).scalars()}
