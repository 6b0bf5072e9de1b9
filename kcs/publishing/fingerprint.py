"""A text's fingerprint: the same however a help centre writes the HTML, another for every change of the text.

Help centres write entities, attributes, white space and empty elements their own way, add `rel` and `target`,
wrap text into paragraphs or unwrap it. None of that is seen. Words, their order, emphasis, links, pictures,
headings, lists, tables and code are.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import quote

_PREFIX = "text-1:"
_STYLES = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "u": "u",
    "ins": "u",
    "mark": "mark",
    "s": "s",
    "del": "s",
    "strike": "s",
    "code": "code",
    "kbd": "code",
    "tt": "code",
    "samp": "code",
    "sub": "sub",
    "sup": "sup",
}
_HEADINGS = {f"h{level}" for level in range(1, 7)}
# What stands around text and matters, with an end that matters too.
_AROUND = _HEADINGS | {"ul", "ol", "blockquote", "pre", "table"}
_BEGINNINGS = {"li", "tr", "td", "th", "dt", "dd"}
_BREAKS = {"p", "div", "br", "section", "article", "figure", "main", "dl"}
_SHOWN = {"img": "src", "iframe": "src", "video": "src", "audio": "src", "source": "src", "embed": "src"}
_UNSEEN = {"script", "style", "template", "noscript"}
_VOID = {"br", "hr", "img", "source", "embed", "wbr", "input", "meta", "link", "col", "area"}
_SPACES = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_ESCAPED = re.compile(r"%[0-9a-fA-F]{2}")
_URL_SIGNS = "%/:=&?~#+!$,;'@()*[]"

Token = tuple[str, ...]


def fingerprint(title: str, html: str) -> str:
    """Return the fingerprint of a title and its text."""
    told = json.dumps([_plain(title), _tokens(html)], ensure_ascii=False, separators=(",", ":"))
    return _PREFIX + hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _tokens(html: str) -> list[Token]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.flush()
    return _tidy(reader.tokens)


def _plain(text: str) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _tidy(tokens: list[Token]) -> list[Token]:
    """Keep one space or break between two texts, and none beside anything else."""
    kept: list[Token] = []
    waiting = ""
    for token in tokens:
        if token[0] in ("space", "break"):
            waiting = "break" if "break" in (waiting, token[0]) else "space"
            continue
        beside = bool(kept) and kept[-1][0] in ("text", "shown") and token[0] in ("text", "shown")
        if waiting and beside:
            kept.append((waiting,))
        waiting = ""
        joined = beside and kept[-1][0] == token[0] == "text" and kept[-1][2:] == token[2:]
        if joined:
            kept[-1] = ("text", kept[-1][1] + token[1], *token[2:])
        else:
            kept.append(token)
    return kept


def _address(value: str) -> str:
    """Return an address with its escapes written in one way."""
    written = quote(unicodedata.normalize("NFC", value.strip()), safe=_URL_SIGNS)
    return _ESCAPED.sub(lambda found: found[0].upper(), written)


class _Reader(HTMLParser):
    """Collects what a text says as tokens; each piece of text carries its styles and where it leads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[Token] = []
        self._open: list[tuple[str, str]] = []
        self._pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins."""
        self.flush()
        given = {name: value or "" for name, value in attrs}
        if tag in _AROUND:
            start = given.get("start", "1") if tag == "ol" else "1"
            self.tokens.append(("around", tag) if start == "1" else ("around", tag, start))
        elif tag in _BEGINNINGS:
            self.tokens.append(("begin", tag))
        elif tag in _BREAKS:
            self.tokens.append(("break",))
        elif tag == "hr":
            self.tokens.append(("rule",))
        elif tag in _SHOWN:
            leads = _address(given.get(_SHOWN[tag], ""))
            self.tokens.append(("shown", tag, leads, _plain(given.get("alt", "")), *self._styles()))
        if tag not in _VOID:
            self._open.append((tag, self._style_of(tag, given)))

    def handle_endtag(self, tag: str) -> None:
        """Note what ends, with what was left open inside."""
        self.flush()
        names = [name for name, _ in self._open]
        if tag not in names:
            # A lone </p> is an empty paragraph to browsers.
            self.tokens += [("break",)] if tag in _BREAKS else []
            return
        del self._open[len(names) - 1 - names[::-1].index(tag) :]
        if tag in _AROUND:
            self.tokens.append(("end", tag))
        elif tag in _BREAKS:
            self.tokens.append(("break",))

    def handle_data(self, data: str) -> None:
        """Keep text until its styles change."""
        if not any(name in _UNSEEN for name, _ in self._open):
            self._pieces.append(data)

    def flush(self) -> None:
        """Turn the text so far into tokens: its words, and a space wherever there was white space."""
        text = unicodedata.normalize("NFC", "".join(self._pieces))
        self._pieces.clear()
        if any(name == "pre" for name, _ in self._open):
            self._flush_code(text)
            return
        for number, word in enumerate(_SPACES.split(text)):
            if number:
                self.tokens.append(("space",))
            if word:
                self.tokens.append(("text", word, *self._styles()))

    def _flush_code(self, text: str) -> None:
        """White space in code matters but for what stands at the end of a line."""
        lines = text.replace("\r\n", "\n").replace("\u00a0", " ").split("\n")
        written = "\n".join(
            line.rstrip() if number < len(lines) - 1 else line for number, line in enumerate(lines)
        )
        if written.strip():
            self.tokens.append(("text", written.strip("\n"), *self._styles()))

    def _styles(self) -> list[str]:
        return sorted({style for _, style in self._open if style})

    def _style_of(self, tag: str, given: dict[str, str]) -> str:
        if tag == "a" and given.get("href"):
            return f"a {_address(given['href'])} {_plain(given.get('title', ''))}".strip()
        if tag == "code" and any(name == "pre" for name, _ in self._open):
            return ""  # <pre> and <pre><code> are one thing
        return _STYLES.get(tag, "")
