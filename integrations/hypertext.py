"""Where the words of a comment lead: its plain text has the words of a link, not always its address."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST = 500_000  # characters of a comment that are looked through
MOST = 50

_LINK = re.compile(r"<a\s", re.IGNORECASE)


def links_in(html: str) -> tuple[str, ...]:
    """Return the addresses a comment links to, in order, without those in mail it quotes; fifty at most."""
    if _LINK.search(html) is None:
        return ()
    reader = _Reader()
    reader.feed(html[:LONGEST])
    return tuple(reader.links[:MOST])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self._quote, self._depth = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._depth:
            self._depth += tag == self._quote
        elif tag == "blockquote" or "quote" in (given.get("class") or ""):
            self._quote, self._depth = tag, 1
        elif tag == "a" and given.get("href"):
            self.links.append((given["href"] or "").strip())

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag == self._quote:
            self._depth -= 1
