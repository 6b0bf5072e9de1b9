"""An article's text as HTML for readers."""

from __future__ import annotations

from html import escape

from markupsafe import Markup

from kcs.articles.models import PARTS, Version
from kcs.markup import sanitise, to_html

HEADINGS = {
    "issue": "Issue",
    "environment": "Environment",
    "resolution": "Resolution",
    "cause": "Cause",
}


def reader_html(version: Version) -> str:
    """Return the whole text with a heading for each part, sanitised. A plain article has no headings."""
    pieces = []
    for name in PARTS:
        text = version.part(name)
        if text:
            heading = f"<h2>{escape(HEADINGS[name])}</h2>" if name in HEADINGS else ""
            pieces.append(heading + to_html(text))
    return sanitise("\n".join(pieces))


def reader_markup(version: Version) -> Markup:
    """Return the whole text for a template: sanitised, so marked as safe."""
    return Markup(reader_html(version))  # noqa: S704 -- output of the sanitiser
