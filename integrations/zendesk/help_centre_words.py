"""How we say to Zendesk's Help Center which article, in which language, with which text and labels."""

from __future__ import annotations

import re

from integrations.reading import number_in
from kcs.errors import RemoteError
from kcs.ports import Document

LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII)


def text_of(document: Document) -> dict[str, object]:
    return {"title": document.title, "body": document.html}


def labels_for(there: tuple[str, ...] | list[str], document: Document) -> list[str]:
    """Return the labels that are there, and ours that are not.

    Which of them we wrote before is not known there, so a tag taken off here stays as a label: nobody's
    label is ever taken away by us.
    """
    known = {label.casefold() for label in there}
    ours = dict.fromkeys((document.marker, *document.labels))
    return [*there, *(label for label in ours if label.casefold() not in known)]


def article_path(remote_id: str) -> str:
    if number_in(remote_id) != remote_id:
        raise RemoteError(f"{remote_id!r} is no Zendesk article id.", permanent=True, missing=True)
    return f"/help_center/articles/{remote_id}"


def locale_of(locale: str) -> str:
    """Return the locale as Zendesk writes it, such as en-us; it becomes part of a path."""
    written = locale.replace("_", "-").lower()
    if not LOCALE.fullmatch(written):
        raise RemoteError(f"{locale!r} is no locale such as en-us.", permanent=True)
    return written
