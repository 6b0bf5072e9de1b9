"""An article's text as HTML for one kind of reader."""

from __future__ import annotations

from html import escape

from markupsafe import Markup

from kcs.articles.layout import Reader, shown_parts
from kcs.articles.models import Version
from kcs.markup import sanitise, to_html


def reader_html(version: Version, reader: Reader) -> str:
    """Return what `reader` may read, each field under its heading, sanitised. A plain text has none."""
    pieces = []
    for part in shown_parts(version, reader):
        heading = f"<h2>{escape(part.field.label)}</h2>" if part.field.name != "body" else ""
        pieces.append(heading + to_html(part.text))
    return sanitise("\n".join(pieces))


def reader_markup(version: Version, reader: Reader) -> Markup:
    """Return what `reader` may read for a template: sanitised, so marked as safe."""
    return Markup(reader_html(version, reader))  # noqa: S704 -- output of the sanitiser
