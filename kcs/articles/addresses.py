"""Which article an address leads to: our own pages, and whatever else `kcs.app` wires a reader for."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from flask import Flask, current_app

PORTS = {"http": 80, "https": 443}
LONGEST = 2000  # characters; no address of an article comes near

_ADDRESS = re.compile(r"(?<![\w@/.])https?://[^\s<>\"'`()\[\]{}|^]+", re.IGNORECASE)
_ENDS_A_SENTENCE = ".,;:!?*_~…»”’、。，；：！？"
_HOST = re.compile(r"[a-z0-9]+(?:[.-]+[a-z0-9]+)*|[0-9a-f:]*:[0-9a-f:.]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x20\x7f/\\]")
_OPENED = re.compile(r"[(\[{|`'^]+")


@dataclass(frozen=True)
class Address:
    """An address taken apart: lower-case host, port always given, the path's segments decoded once."""

    scheme: str
    host: str
    port: int
    path: tuple[str, ...]

    def has_origin_of(self, other: Address) -> bool:
        """Return whether both lie on the same scheme, host and port."""
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)


# Returns the key of the article an address leads to, None when it is none of this reader's.
Reader = Callable[[Address], str | None]


def add_reader(app: Flask, reader: Reader) -> None:
    """Let `reader` say which article an address leads to, after those added before it."""
    app.extensions.setdefault("kcs.address_readers", []).append(reader)


def keys_in(text: str, links: Iterable[str] = ()) -> list[str]:
    """Return the keys of the articles whose addresses stand in a text or behind it, each once, in order.

    A key is what the address says; whether there is such an article is another question.
    """
    readers: list[Reader] = current_app.extensions.get("kcs.address_readers", [])
    behind = (address for link in links if (address := parse(link)) is not None)
    found = (reader(address) for address in (*addresses_in(text), *behind) for reader in readers)
    return list(dict.fromkeys(key for key in found if key))


def addresses_in(text: str) -> list[Address]:
    """Return the web addresses in a text as written, Markdown or HTML, in their order.

    An address that hides where it leads is left out: one with a user name, a host that is not plain ASCII or
    a path that climbs, and one that is a part of another address.
    """
    plain = html.unescape(text)
    found, end = [], -1
    for match in _ADDRESS.finditer(plain):
        continued = end >= 0 and _OPENED.fullmatch(plain[end : match.start()]) is not None
        end = match.end()
        address = None if continued else parse(match[0].rstrip(_ENDS_A_SENTENCE))
        if address is not None:
            found.append(address)
    return found


def parse(url: str) -> Address | None:
    """Return an address taken apart, None for one that is none or hides where it leads."""
    try:
        parts = urlsplit(url[: LONGEST + 1])
        host, port = parts.hostname or "", parts.port
        path = _segments(parts.path)
    except ValueError:
        return None
    if len(url) > LONGEST or not _is_plain(parts, host) or path is None:
        return None
    return Address(parts.scheme, host, port or PORTS[parts.scheme], path)


def own_pages(base_url: str) -> Reader:
    """Return the reader of our own addresses: an article's page here and in the built-in help centre."""
    base = parse(base_url)

    def read(address: Address) -> str | None:
        return _key_of(address.path) if base is not None and address.has_origin_of(base) else None

    return read


@dataclass(frozen=True)
class OwnHost:
    """What an address written in an article leads to, relative ones taken as ours.

    The same host over http, https or its own port is ours; another port of it is another service.
    """

    base_url: str

    def holds(self, address: str) -> bool:
        """Return whether an address leads to a page of ours; `#part` and mail addresses lead to none."""
        if address.startswith("#"):
            return False
        try:
            base, parts = urlsplit(self.base_url), urlsplit(self._whole(address))
            ports = {base.port or PORTS.get(base.scheme), *PORTS.values()}
            same = parts.hostname == base.hostname and (parts.port or PORTS.get(parts.scheme)) in ports
        except ValueError:
            return False
        return parts.scheme in PORTS and same

    def key(self, address: str) -> str | None:
        """Return the key of the article whose page an address is, None when it is none of ours."""
        found = parse(self._whole(address)) if self.holds(address) else None
        return _key_of(found.path) if found is not None else None

    def pieces(self, text: str) -> list[tuple[str, str | None]]:
        """Return a text in pieces: the addresses of our articles with their keys, and what is between."""
        found: list[tuple[str, str | None]] = []
        done = 0
        for match in _ADDRESS.finditer(text):
            written = match[0].rstrip(_ENDS_A_SENTENCE)
            key = self.key(written)
            if key is not None:
                found += [(text[done : match.start()], None), (written, key)]
                done = match.start() + len(written)
        return [piece for piece in (*found, (text[done:], None)) if piece[0]]

    def _whole(self, address: str) -> str:
        return urljoin(self.base_url.rstrip("/") + "/", address)


def _key_of(path: tuple[str, ...]) -> str | None:
    match path:
        case ("articles", key) | ("help", "articles", key):
            return key
    return None


def _is_plain(parts: SplitResult, host: str) -> bool:
    """A backslash counts as a slash in browsers, and what stands before an @ is no host."""
    suspicious = "@" in parts.netloc or "\\" in parts.netloc + parts.path
    return parts.scheme in PORTS and not suspicious and _HOST.fullmatch(host) is not None


def _segments(path: str) -> tuple[str, ...] | None:
    """Return the path's segments without the slash at its end, None when one of them plays tricks."""
    segments = path.strip("/").split("/") if path.startswith("/") and path != "/" else []
    decoded = tuple(unquote(segment, errors="strict") for segment in segments)
    tricks = any(not each or each in (".", "..") or _CONTROL.search(each) for each in decoded)
    return None if tricks or path.startswith("//") or path.endswith("//") else decoded
