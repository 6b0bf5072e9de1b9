"""Markdown to safe HTML: the only place whose output templates may mark as safe.

Order: Markdown, HTML, sanitise, nothing after.
"""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    .enable("table")
    .enable("strikethrough")
)

_HEADINGS = {f"h{level}" for level in range(2, 7)}
_LISTS = {"ul", "ol", "li"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_TEXT = {"p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a"}
_TAGS = _HEADINGS | _LISTS | _TABLES | _TEXT
_INLINE = {"a", "em", "strong", "s", "code"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


def sanitise(html: str) -> str:
    """Return `html` with only the elements, attributes and link schemes an article may have."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style"},
    )


def to_html(markdown: str) -> str:
    """Render Markdown to sanitised HTML. Raw HTML in the source is shown as text."""
    return sanitise(_MARKDOWN.render(markdown).replace("<h1>", "<h2>").replace("</h1>", "</h2>"))


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
    """Render Markdown for a template: sanitised, so marked as safe."""
    return Markup(to_html(markdown))  # noqa: S704 -- output of the sanitiser
