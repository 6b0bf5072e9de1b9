"""What goes from the panel into a reply: an article's public address, or its public text. Nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import quote, urlsplit

from sqlalchemy import column, select, table

from kcs.articles.models import Article, Version
from kcs.articles.rendering import reader_html
from kcs.database import db
from kcs.errors import WorkflowError
from kcs.tickets.models import Connection, Ticket
from workflow.article import Audience, Confidence

# Joined by name: publications belong to publishing, which stands beside the solve loop.
_publications = table(
    "publications", column("article_id"), column("target_id"), column("state"), column("url")
)
_targets = table("targets", column("id"), column("connection_id"))
_READABLE_THERE = ("live", "drifted")

_BLOCK_ENDS = re.compile(r"</(?:p|h[2-6]|tr|blockquote|pre|ul|ol|table)>")
_LINE_ENDS = re.compile(r"<br\s*/?>|</li>")
_TAG = re.compile(r"<[^>]+>")
_GAPS = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Handed:
    """What a reply is given: the same as HTML and as plain text."""

    html: str
    text: str


def is_public(article: Article) -> bool:
    """Return whether customers may read this article: validated, public, and with a live text."""
    return (
        article.confidence is Confidence.VALIDATED
        and article.audience is Audience.PUBLIC
        and article.live_version_id is not None
    )


def address_for(article: Article, connection: Connection, base_url: str) -> str:
    """Return where customers of this desk read the article: its own help centre, or the built-in one.

    Raises WorkflowError when customers may not read it anywhere.
    """
    _live_version(article)
    query = (
        select(_publications.c.url)
        .join(_targets, _targets.c.id == _publications.c.target_id)
        .where(
            _publications.c.article_id == article.id,
            _publications.c.state.in_(_READABLE_THERE),
            _publications.c.url.is_not(None),
            _targets.c.connection_id == connection.id,
        )
        .order_by(_publications.c.target_id)
        .limit(1)
    )
    found: str | None = db.session.execute(query).scalar_one_or_none()
    return found or f"{base_url}/help/articles/{quote(article.key, safe='')}"


def link_for_reply(article: Article, connection: Connection, base_url: str) -> Handed:
    """Return a link to the article for a reply. Raises WorkflowError when it has no public address."""
    title, address = _live_version(article).title, address_for(article, connection, base_url)
    return Handed(f'<a href="{escape(address)}">{escape(title)}</a>', f"{title}\n{address}")


def text_for_reply(article: Article, base_url: str) -> Handed:
    """Return the parts of the live text that customers may read. Raises WorkflowError when there is none."""
    html = reader_html(_live_version(article), Audience.PUBLIC, base=base_url)
    return Handed(html, _plain(html))


def desk_origin(ticket: Ticket) -> str | None:
    """Return the origin of the desk's own pages: it alone may hold the panel and be handed things."""
    address = urlsplit(ticket.url)
    if address.scheme not in ("https", "http") or not address.netloc:
        return None
    return f"{address.scheme}://{address.netloc}"


def _live_version(article: Article) -> Version:
    if not is_public(article) or article.live_version is None:
        raise WorkflowError(
            "%(key)s has no public address: customers may not read it. Link it without sending it, or "
            "publish it first.",
            key=article.key,
        )
    return article.live_version


def _plain(html: str) -> str:
    """Return sanitised HTML as text with its lines, list items marked."""
    lined = _BLOCK_ENDS.sub("\n\n", html.replace("\n", " ").replace("<li>", "- "))
    text = unescape(_TAG.sub("", _LINE_ENDS.sub("\n", lined)))
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _GAPS.sub("\n\n", lines).strip()
