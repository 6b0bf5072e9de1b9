"""An article's text as HTML for one kind of reader."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from flask import current_app
from markupsafe import Markup
from sqlalchemy import select

from kcs.articles.addresses import OwnHost
from kcs.articles.layout import Reader, ShownPart, shown_parts
from kcs.articles.models import Article, Version
from kcs.articles.queries import reachable_by_visitors, readable_by
from kcs.database import db
from kcs.markup import keys_linked, links_of, mark_safe, sanitise, to_html, words_of
from kcs.people.models import Agent
from workflow.article import Audience


def reader_html(version: Version, reader: Reader, *, base: str = "") -> str:
    """Return what `reader` may read, each field under its heading, sanitised. A plain text has none.

    `base` is put before the addresses of our pictures and articles, for texts shown elsewhere.
    """
    return html_of(shown_parts(version, reader), reader, base=base)


def html_of(parts: Iterable[ShownPart], reader: Reader, *, base: str = "") -> str:
    """Return these parts as `reader` gets them: the same for a saved text and for one being written."""
    parts = list(parts)
    addresses = _Addresses(parts, reader, base)
    pieces = []
    for part in parts:
        heading = f"<h2>{escape(part.field.label)}</h2>" if part.field.name != "body" else ""
        pieces.append(heading + to_html(part.text, addresses))
    return sanitise("\n".join(pieces))


def reader_markup(version: Version, reader: Reader) -> Markup:
    """Return what `reader` may read for a template."""
    return mark_safe(reader_html(version, reader))


def keys_led_to(text: str) -> list[str]:
    """Return the keys of the articles a text leads readers outside to: by `article:` or by address."""
    own = _own_host()
    keys = keys_linked(text)
    if "articles/" in text:
        keys += [key for address in links_of(text) if (key := own.key(address)) is not None]
        keys += [key for words in words_of(text) for _, key in own.pieces(words) if key is not None]
    return list(dict.fromkeys(keys))


class _Addresses:
    """Where the articles and pictures named in a text are for this reader.

    Addresses of our own pages are colleagues' alone: others are led to the articles that they may read, and
    to no other page of ours. An address that stands as words is a key to them.
    """

    def __init__(self, parts: list[ShownPart], reader: Reader, base: str) -> None:
        self._inside, self._own = _is_inside(reader), _own_host()
        self._place = f"{base}/articles" if self._inside else f"{base}/help/articles"
        self._images = f"{base}/articles/images" if self._inside else f"{base}/help/images"
        keys = {key for part in parts for key in keys_led_to(part.text)}
        self._readable = _readable_keys(keys, reader) if keys else set()

    def article(self, key: str) -> str | None:
        """Return an article's address, None for one this reader may not know of."""
        return f"{self._place}/{quote(key, safe='')}" if key in self._readable else None

    def image(self, name: str) -> str | None:
        """Return a picture's address; whether it is shown there is decided there."""
        return f"{self._images}/{quote(name, safe='')}"

    def page(self, address: str) -> str | None:
        """Return where a link with an address written out leads: of our pages an article alone."""
        if self._inside or not self._own.holds(address):
            return address
        key = self._own.key(address)
        return self.article(key) if key is not None else None

    def pieces(self, text: str) -> list[tuple[str, str | None]]:
        """Return a text with the addresses of our articles as links."""
        if self._inside:
            return [(text, None)]
        return [(key or words, self.article(key) if key else None) for words, key in self._own.pieces(text)]


def _own_host() -> OwnHost:
    return OwnHost(current_app.config["KCS"].base_url)


def _is_inside(reader: Reader) -> bool:
    return isinstance(reader, Agent) or reader is Audience.INTERNAL


def _readable_keys(keys: set[str], reader: Reader) -> set[str]:
    if isinstance(reader, Agent):
        allowed = readable_by(reader)
    elif reader is Audience.INTERNAL:
        allowed = Article.id.is_not(None)
    else:
        allowed = reachable_by_visitors()
    return set(db.session.execute(select(Article.key).where(Article.key.in_(keys), allowed)).scalars())
