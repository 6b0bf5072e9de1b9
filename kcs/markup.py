"""Markdown to safe HTML: the only place whose output templates may mark as safe.

Order: Markdown, HTML, sanitise, nothing after; a text for another help centre gets other addresses
while it is sanitised once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html.parser import HTMLParser
from typing import Protocol
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    .enable("table")
    .enable("strikethrough")
)

_HEADINGS = {f"h{level}" for level in range(2, 7)}
_LISTS = {"ul", "ol", "li"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_TEXT = {"p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "img"}
_TAGS = _HEADINGS | _LISTS | _TABLES | _TEXT
_INLINE = {"a", "em", "strong", "s", "code"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "img": {"src", "alt"}}
_SCHEMES = {"http", "https", "mailto"}
# Pictures are ours alone: a picture from elsewhere tells its owner who reads.
_OUR_IMAGE = re.compile(r"(?:https?://[^/?#]+)?/(?:articles|help)/images/[0-9a-f]{32}\.(?:png|jpg|gif|webp)")

ARTICLE_LINK = "article:"
IMAGE_LINK = "image:"


class Addresses(Protocol):
    """Where links and pictures lead for one kind of reader; None where they may not follow."""

    def article(self, key: str) -> str | None:
        """Return the address of an article."""
        ...

    def image(self, name: str) -> str | None:
        """Return the address of a picture."""
        ...

    def page(self, address: str) -> str | None:
        """Return where a link with an address written out leads: there, or elsewhere."""
        ...

    def pieces(self, text: str) -> Iterable[tuple[str, str | None]]:
        """Return a text in pieces, each with where it leads: addresses written among the words."""
        ...


def sanitise(html: str) -> str:
    """Return `html` with only the elements, attributes and link schemes an article may have."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_own_images,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style"},
    )


def readdressed(html: str, leads: Callable[[str], str]) -> str:
    """Return sanitised HTML, its links and pictures leading where `leads` says instead; else unchanged.

    An address that is no http or https one is not taken over.
    """

    def lead(tag: str, attribute: str, value: str) -> str | None:
        kept = _own_images(tag, attribute, value)
        if kept is None or attribute not in ("href", "src"):
            return kept
        address = leads(kept)
        return address if address.startswith(("https://", "http://")) else kept

    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=lead,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style"},
    )


def to_html(markdown: str, addresses: Addresses | None = None) -> str:
    """Render Markdown to sanitised HTML. Raw HTML in the source is shown as text.

    `[text](article:KEY)` and `![alt](image:NAME)` lead where `addresses` says; where it says nothing, and for
    pictures from elsewhere, the words stay without link or picture.
    """
    tokens = _MARKDOWN.parse(markdown)
    for token in tokens:
        if token.children:
            token.children = _addressed(token.children, addresses)
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return sanitise(html.replace("<h1>", "<h2>").replace("</h1>", "</h2>"))


def keys_linked(markdown: str) -> list[str]:
    """Return the keys of the articles a text links to, in order."""
    return _led_to(markdown, "link_open", "href", ARTICLE_LINK)


def images_shown(markdown: str) -> list[str]:
    """Return the names of our pictures in a text, in order."""
    return _led_to(markdown, "image", "src", IMAGE_LINK)


def links_of(markdown: str) -> list[str]:
    """Return every address a text links to, ours and others', in order."""
    return _led_to(markdown, "link_open", "href", "")


def words_of(markdown: str) -> list[str]:
    """Return the stretches of plain words of a text, in order; code is none."""
    inline = [child for token in _MARKDOWN.parse(markdown) for child in token.children or ()]
    return [each.content for each in inline if each.type == "text"]


def _led_to(markdown: str, kind: str, attribute: str, prefix: str) -> list[str]:
    inline = [child for token in _MARKDOWN.parse(markdown) for child in token.children or ()]
    found = [unquote(str(each.attrGet(attribute) or "")) for each in inline if each.type == kind]
    return list(dict.fromkeys(each.removeprefix(prefix) for each in found if each.startswith(prefix)))


def _addressed(children: Sequence[Token], addresses: Addresses | None) -> list[Token]:
    """Links do not nest: `led` says for the one that is open whether it leads anywhere."""
    kept: list[Token] = []
    led: bool | None = None
    for token in children:
        if token.type == "link_open":
            led = _lead(token, "href", ARTICLE_LINK, addresses)
            kept += [token] if led else []
        elif token.type == "link_close":
            kept += [token] if led else []
            led = None
        elif token.type == "text" and addresses is not None:
            kept += _in_pieces(token, addresses, linked=led is not None)
        elif token.type == "image" and not _lead(token, "src", IMAGE_LINK, addresses):
            kept.append(Token("text", "", 0, content="".join(each.content for each in token.children or ())))
        else:
            kept.append(token)
    return kept


def _in_pieces(token: Token, addresses: Addresses, *, linked: bool) -> Iterable[Token]:
    """Return a text's pieces, those that lead somewhere as links unless they stand in one."""
    for text, leads in addresses.pieces(token.content):
        piece = Token("text", "", 0, content=text)
        if leads is None or linked:
            yield piece
        else:
            opening = Token("link_open", "a", 1)
            opening.attrSet("href", leads)
            yield from (opening, piece, Token("link_close", "a", -1))


def _lead(token: Token, attribute: str, prefix: str, addresses: Addresses | None) -> bool:
    """Point a link or picture of ours where it leads; False when it leads nowhere this reader may go."""
    written = str(token.attrGet(attribute) or "")
    target = unquote(written)
    ours, is_image = target.startswith(prefix), token.type == "image"
    if addresses is None or (is_image and not ours):
        return not ours and not is_image
    if ours:
        of = addresses.image if is_image else addresses.article
        address = of(target.removeprefix(prefix))
    else:
        address = addresses.page(written)
    if address is not None:
        token.attrSet(attribute, address)
    return address is not None


def _own_images(tag: str, attribute: str, value: str) -> str | None:
    refused = tag == "img" and attribute == "src" and not _OUR_IMAGE.fullmatch(value)
    return None if refused else value


def to_text(markdown: str) -> str:
    """Return what a reader sees or follows: the rendered text without markup, and where its links lead."""
    reader = _Reader()
    reader.feed(to_html(markdown))
    reader.close()
    return "".join(reader.pieces)


class _Reader(HTMLParser):
    """Collects text; what stands in a block of its own stays on lines of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an element's attributes say."""
        if tag not in _INLINE:
            self.pieces.append("\n")
        self.pieces.extend(f" {unquote(value)} " for _, value in attrs if value)

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.pieces.append(data)


def to_markup(markdown: str) -> Markup:
    """Render Markdown for a template."""
    return mark_safe(to_html(markdown))


def mark_safe(html: str) -> Markup:
    """Let templates show HTML as it is: the sanitiser's, or a rendered template's of ours; nothing else."""
    return Markup(html)  # noqa: S704 -- the one place, for those two
