"""What an emulated help centre makes of the HTML it is given.

The real ones keep a list of elements and attributes and drop the rest. They also write what they kept in a
form of their own, which is documented nowhere: the changes here are of the kind seen in practice (entities,
spaces, order of attributes, closed elements, links and headings with attributes nobody wrote), so that nobody
compares what came back letter for letter. Rewriting what was rewritten changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from html import escape
from html.parser import HTMLParser

RENAMED = {"b": "strong", "i": "em", "strike": "del", "s": "del"}
VOID = frozenset({"br", "col", "hr", "img"})
SWALLOWED = frozenset({"script", "style", "template", "svg", "math", "object", "iframe", "form", "title"})
BLOCKS = frozenset(
    {
        *(
            "address",
            "blockquote",
            "caption",
            "col",
            "colgroup",
            "dd",
            "div",
            "dl",
            "dt",
            "figcaption",
            "figure",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
KEPT = BLOCKS | frozenset(
    {
        *("a", "abbr", "br", "cite", "code", "del", "dfn", "em", "img", "ins", "kbd"),
        *("samp", "small", "span", "strong", "sub", "sup", "var"),
    }
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
ENDS_PARAGRAPH = BLOCKS - {"li", "td", "th", "tr", "dd", "dt", "tbody", "thead", "tfoot", "col"}
SAME_LEVEL = {"li": {"li"}, "p": {"p"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "td": {"td", "th"}}
GLOBAL_ATTRIBUTES = frozenset({"id", "class", "title", "dir", "lang"})
ATTRIBUTES = {
    "a": frozenset({"href", "target", "name", "rel"}),
    "img": frozenset({"src", "alt", "width", "height"}),
    "ol": frozenset({"start", "type"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
}
SAFE_LINK = re.compile(r"(https?:|mailto:|ftp:|sftp:|sms:|tel:|/|#|[^:]*$)", re.IGNORECASE)
BEFORE_BLOCK = re.compile(rf" +(</?(?:{'|'.join(sorted(BLOCKS - {'pre'}))})\b)")
SPACES = re.compile(r"[ \t\r\n\f]+")


def rewritten(html: str) -> str:
    """Return the HTML as the help centre keeps it."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return cleaner.finished()


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._swallowing: list[str] = []
        self._heading: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = RENAMED.get(tag, tag)
        if self._swallowing or name in SWALLOWED:
            if name in SWALLOWED:
                self._swallowing.append(name)
            return
        if name not in KEPT:
            return
        self._close_before(name)
        if name in HEADINGS:
            self._heading = len(self._out)
        self._out.append(f"<{name}{_attributes(name, attrs)}>")
        if name not in VOID:
            self._open.append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        name = RENAMED.get(tag, tag)
        if self._swallowing:
            if name == self._swallowing[-1]:
                self._swallowing.pop()
            return
        if name in self._open:
            while self._end() != name:
                pass

    def handle_data(self, data: str) -> None:
        if self._swallowing:
            return
        text = data
        if "pre" not in self._open:
            text = SPACES.sub(" ", data)
            if not self._out or self._out[-1].endswith(" ") or (text == " " and self._after_block()):
                text = text.removeprefix(" ")
        if text:
            self._out.append(escape(text, quote=False).replace("\N{NO-BREAK SPACE}", "&nbsp;"))

    def finished(self) -> str:
        while self._open:
            self._end()
        return BEFORE_BLOCK.sub(r"\1", "".join(self._out)).strip()

    def _close_before(self, name: str) -> None:
        """Close what HTML leaves open: a paragraph before a block, an item before the next one."""
        ended = set(SAME_LEVEL.get(name, ()))
        if name in ENDS_PARAGRAPH:
            ended.add("p")
        if self._open and self._open[-1] in ended:
            self._end()

    def _end(self) -> str:
        name = self._open.pop()
        if name in HEADINGS and self._heading is not None:
            self._name_heading(self._heading)
            self._heading = None
        self._out.append(f"</{name}>")
        return name

    def _name_heading(self, start: int) -> None:
        """Give a heading the id its table of contents links to."""
        opening, inner = self._out[start], "".join(self._out[start + 1 :])
        if " id=" not in opening:
            digest = hashlib.sha256(inner.encode()).hexdigest()[:24].upper()
            self._out[start] = f'{opening[:3]} id="h_01{digest}"{opening[3:]}'

    def _after_block(self) -> bool:
        found = re.match(r"</?([a-z0-9]+)", self._out[-1]) if self._out else None
        return found is not None and found[1] in BLOCKS | {"br"}


def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> str:
    allowed = GLOBAL_ATTRIBUTES | ATTRIBUTES.get(tag, frozenset())
    kept = {n: v or "" for n, v in attrs if n in allowed or n.startswith(("data-", "aria-"))}
    for name in ("href", "src"):
        if name in kept and not SAFE_LINK.match(kept[name].strip()):
            del kept[name]
    if kept.get("href", "").startswith(("http:", "https:")):
        kept |= {"target": "_blank", "rel": "noopener noreferrer"}
    return "".join(f' {name}="{escape(value)}"' for name, value in sorted(kept.items()))
