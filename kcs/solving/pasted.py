"""Addresses pasted into replies: an article a customer was led to is linked, and marked as detected.

Only what an agent of ours wrote themselves in a public reply counts: no private note, no quoted mail, nothing
a customer wrote. A person's word stands: a link somebody took away does not come back from the same reply,
and a ticket said to need no article stays so.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

from sqlalchemy import select

from kcs.articles import addresses, rights
from kcs.articles import services as articles
from kcs.articles.history import version_read_at
from kcs.articles.models import Article
from kcs.articles.queries import readable_by
from kcs.database import db
from kcs.improving.demand import follow_demand
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskMessage, TicketSnapshot
from kcs.search.ticket_text.quotes import own_words
from kcs.solving.linking import add_detected, answer
from kcs.solving.loop import Record
from kcs.solving.models import Link, LinkRole
from kcs.solving.queries import present_exemption
from kcs.solving.services import UNUSABLE
from kcs.text import clean, clean_line
from kcs.tickets.desk_people import solver_of
from kcs.tickets.models import Connection, Ticket
from workflow.permissions import Right
from workflow.solve import Act, KnowledgeState

LONGEST_READ = 200_000  # characters of a reply that are looked through


class PastedAddresses:
    """The replies of one reading that name an article, taken in the order they were sent."""

    def __init__(self, connection: Connection, ticket: Ticket, snapshot: TicketSnapshot) -> None:
        self._connection, self._ticket, self._users = connection, ticket, snapshot.users
        replies = sorted(filter(self._may_name_one, snapshot.messages), key=lambda each: each.created_at)
        self._waiting = deque(replies)

    def take_until(self, moment: datetime) -> None:
        """Link what was sent up to `moment`."""
        while self._waiting and self._waiting[0].created_at <= moment:
            self._take(self._waiting.popleft())

    def take_rest(self) -> None:
        """Link what was sent after everything else."""
        while self._waiting:
            self._take(self._waiting.popleft())

    def _may_name_one(self, message: DeskMessage) -> bool:
        author = self._users.get(message.author_id)
        by_agent = author is not None and author.kind is AuthorKind.AGENT
        return by_agent and message.public and ("://" in message.body or message.links != ())

    def _take(self, reply: DeskMessage) -> None:
        keys = keys_in_reply(reply)
        by = solver_of(self._connection, self._users[reply.author_id]) if keys else None
        if by is None or rights.grant_for(by, Right.LINK) is None:
            return
        found = {article.id: article for key in keys if (article := _article(key, by)) is not None}
        for _, article in sorted(found.items()):  # in one order everywhere: each is locked
            self._link(article, by, reply.created_at)

    def _link(self, article: Article, by: Agent, sent_at: datetime) -> None:
        ticket = self._ticket
        articles.lock(article)
        if article.confidence in UNUSABLE or _is_settled(ticket, article, sent_at):
            return
        version = version_read_at(article, sent_at)
        link = add_detected(ticket, article, by=by, version_id=version.id, at=sent_at)
        written = Record(
            f"desk:{self._connection.id}",
            by,
            happened_at=sent_at,
            article_id=article.id,
            link_id=link.id,
            role=LinkRole.RESOLUTION,
        )
        article.last_used_at = max(filter(None, (article.last_used_at, sent_at)))
        answer(ticket, Act.LINK, written, came_from=KnowledgeState.REUSE)
        follow_demand(article)


def keys_in_reply(reply: DeskMessage) -> list[str]:
    """Return the keys of the articles whose addresses the author of a reply wrote themselves."""
    text = clean(reply.body, limit=LONGEST_READ).replace("\r\n", "\n")
    if not addresses.keys_in(text, reply.links):
        return []  # most replies; looking for what they quote takes longer
    return addresses.keys_in(own_words(text), reply.links)


def _article(key: str, reader: Agent) -> Article | None:
    """Return the article, or the one it was merged into; None for one that is unknown or may not be read."""
    found = db.session.execute(
        select(Article).where(Article.key == clean_line(key), readable_by(reader))
    ).scalar_one_or_none()
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    return found


def _is_settled(ticket: Ticket, article: Article, sent_at: datetime) -> bool:
    """True when the two are linked, or somebody has said otherwise since the reply was sent."""
    exemption = present_exemption(ticket)
    if exemption is not None and exemption.created_at >= sent_at:
        return True
    links = select(Link.removed_at).where(Link.ticket_id == ticket.id, Link.article_id == article.id)
    return any(gone is None or gone >= sent_at for gone in db.session.execute(links).scalars())
