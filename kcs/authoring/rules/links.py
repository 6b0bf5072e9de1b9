"""What the content standard asks of links: that their readers get where they lead."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from kcs.authoring.links import Target, is_public, links_in, targets_of
from kcs.authoring.rules.found import Found
from kcs.authoring.typed import Draft
from kcs.people.models import Agent


def missing_articles(draft: Draft, writer: Agent) -> Iterator[Found]:
    links = [link for link in links_in(draft.parts) if link.key]
    targets = targets_of((link.key for link in links), writer)
    for link in links:
        if targets[link.key] is Target.MISSING:
            yield Found(link.field, link.key)


def closed_articles(draft: Draft, writer: Agent) -> Iterator[Found]:
    article = draft.article
    if article is None or not is_public(article):
        return
    outside = [link for link in links_in(draft.parts) if link.key and draft.goes_outside(link.field)]
    targets = targets_of((link.key for link in outside), writer)
    for link in outside:
        if targets[link.key] is Target.INSIDE:
            yield Found(link.field, link.key)


def broken_addresses(draft: Draft, _writer: Agent) -> Iterator[Found]:
    for link in links_in(draft.parts):
        if not link.key and not _is_address(link.address):
            yield Found(link.field, link.address)


def _is_address(address: str) -> bool:
    if address.startswith(("#", "/")):
        return True
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path
    return parts.scheme in ("http", "https") and ("." in host or host == "localhost") and " " not in address
