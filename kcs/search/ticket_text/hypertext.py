"""From an HTML mail to lines of text, its quotes marked as plain mail marks them.

A small reader of its own: parsers that build a tree, or look for the end of every comment anew, take minutes
for what a hostile sender can put into 200 kB.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import NamedTuple

_PARAGRAPHS = frozenset(
    {"p", "table", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "dl"}
)
_BLOCKS = _PARAGRAPHS | {"div", "br", "hr", "li", "tr", "dt", "dd", "section", "article", "header", "footer"}
_CELLS = frozenset({"td", "th"})
_EMPTY = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr", "source"})

# What mail programs call the parts they add, in whichever attribute.
_SIGNATURES = re.compile(
    r"gmail_signature|moz-signature|outlook-mobile-signature|[\"'= ]signature\b", re.IGNORECASE
)
_QUOTES = re.compile(r"yahoo_quoted|protonmail_quote|zmail_extra", re.IGNORECASE)
_ALT = re.compile(r"""\balt=(?:"([^"]{0,300})"|'([^']{0,300})')""", re.IGNORECASE)

_STARTS = re.compile(
    r"\s*<(?:!doctype|!--|/?(?:html|head|body|meta|style|div|p|br|span|table|font|b|h[1-6])\b)", re.I
)
_BREAKS = re.compile(r"<br\s{0,3}/?>|</(?:p|div|td|li|h[1-6])>", re.IGNORECASE)

# No repeat in it can run past the next angle bracket, so reading is linear.
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20}(?::[a-z]{1,9})?)((?:[\s/][^<>]{0,8000})?)>|<[!?][^<>]{0,2000}>"
)
_UNREAD = re.compile(r"<(script|style|title)\b", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def is_html(body: str) -> bool:
    """Whether a body is HTML: it starts as such, or its lines are ended by tags rather than by line ends."""
    return bool(_STARTS.match(body)) or len(_BREAKS.findall(body)) > body.count("\n")


def to_lines(body: str) -> str:
    """Return the text of an HTML body. Quotes get "> " in front of their lines; marked signatures go."""
    page = _Page()
    read_to = 0
    source = _without_unread(_without_comments(body))
    for tag in _TAG.finditer(source):
        page.take(source[read_to : tag.start()])
        read_to = tag.end()
        closing, name, attributes = tag.groups()
        if name and closing:
            page.close(name.lower())
        elif name:
            page.open(name.lower(), attributes)
    page.take(source[read_to:])
    return page.text()


def _without_comments(source: str) -> str:
    kept, place = [], 0
    while (start := source.find("<!--", place)) >= 0:
        end = source.find("-->", start)
        if end < 0:
            break
        kept.append(source[place:start])
        place = end + 3
    return "".join([*kept, source[place:]])


def _without_unread(source: str) -> str:
    """Leave out elements whose content no reader sees; one that never ends takes the rest with it."""
    kept, place = [], 0
    while start := _UNREAD.search(source, place):
        kept.append(source[place : start.start()])
        end = re.compile(f"</{start.group(1)}", re.IGNORECASE).search(source, start.end())
        place = end.start() if end else len(source)
    return "".join([*kept, source[place:]])


class _Element(NamedTuple):
    name: str
    quoted: bool
    skipped: bool
    preformatted: bool


class _Page:
    """Collects lines; knows which elements are open, and what they mean for the text within."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._open = [_Element("", quoted=False, skipped=False, preformatted=False)]
        self._count: Counter[str] = Counter()

    def open(self, name: str, attributes: str) -> None:
        """Take a start tag."""
        if name in _BLOCKS:
            self._end_line(blank=name in _PARAGRAPHS)
        elif name in _CELLS:
            self._line.append(" ")
        elif name == "img" and (alt := _ALT.search(attributes)):
            self.take(alt.group(1) or alt.group(2) or "")
        if name not in _EMPTY:
            self._push(name, attributes)

    def close(self, name: str) -> None:
        """Take an end tag; one of an element that is not open means nothing."""
        if name in _BLOCKS:
            self._end_line(blank=name in _PARAGRAPHS)
        while self._count[name]:
            element = self._open.pop()
            self._count[element.name] -= 1
            if element.name == name:
                break

    def take(self, source: str) -> None:
        """Take text between tags, its white space as the page shows it."""
        inside = self._open[-1]
        if not source or inside.skipped:
            return
        text = html.unescape(source)
        if not inside.preformatted:
            self._line.append(_SPACE.sub(" ", text))
            return
        first, *others = text.split("\n")
        self._line.append(first)
        for each in others:
            self._end_line()
            self._line.append(each)

    def text(self) -> str:
        """Return the lines read."""
        self._end_line()
        return "\n".join(self._lines)

    def _push(self, name: str, attributes: str) -> None:
        inside = self._open[-1]
        element = _Element(
            name,
            quoted=inside.quoted or name == "blockquote" or bool(_QUOTES.search(attributes)),
            skipped=inside.skipped or bool(_SIGNATURES.search(attributes)),
            preformatted=inside.preformatted or name == "pre",
        )
        self._open.append(element)
        self._count[name] += 1

    def _end_line(self, *, blank: bool = False) -> None:
        line = "".join(self._line)
        self._line.clear()
        inside = self._open[-1]
        stripped = line.rstrip() if inside.preformatted else line.strip()
        if stripped:
            self._lines.append("> " + stripped if inside.quoted else stripped)
        if blank and self._lines and self._lines[-1]:
            self._lines.append("")
