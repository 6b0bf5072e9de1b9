"""What an import of past tickets looks up and writes: a handful of statements a batch, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, column, func, insert, or_, select, table, update
from sqlalchemy.orm import aliased

from kcs.activity.services import record_many
from kcs.articles.models import Article
from kcs.database import UtcDateTime, db
from kcs.people.models import Agent
from kcs.ports import AuthorKind
from kcs.search.services import touch_all
from kcs.solving.measuring import measure_all
from kcs.solving.models import Exemption, Link, LinkRole, LinkSource
from kcs.tickets.models import Message, Ticket
from workflow.article import Confidence
from workflow.solve import KnowledgeState

# The one message an imported ticket has, by its remote id.
TEXT = "imported"
# A ticket the desk has been read for has an address there, and is the desk's from then on.
NO_ADDRESS = ""

_articles = table("articles", column("id"), column("last_used_at", UtcDateTime))


@dataclass(frozen=True)
class PastTicket:
    """What a line says. `agent` is an e-mail address."""

    id: str
    title: str
    body: str
    articles: tuple[str, ...] = ()
    solved_at: datetime | None = None
    agent: str | None = None


@dataclass(frozen=True)
class Known:
    """An article that can be linked, or an agent: the id, and the version or team that goes with it."""

    id: int
    beside: int | None


@dataclass
class LinkHere:
    """A link of a ticket; `id` None until it is written."""

    article_id: int
    id: int | None = None
    role: LinkRole = LinkRole.RESOLUTION
    source: LinkSource = LinkSource.IMPORTED
    present: bool = True
    removed_by_id: int | None = None
    version_id: int | None = None
    agent_id: int | None = None
    created_at: datetime | None = None


@dataclass
class TicketHere:
    """A ticket as it is here; `id` None until it is written."""

    id: int | None = None
    subject: str = ""
    body: str | None = None
    url: str = NO_ADDRESS
    state: KnowledgeState = KnowledgeState.CAPTURE
    came_from: KnowledgeState | None = None
    solved_at: datetime | None = None
    solver_id: int | None = None
    links: list[LinkHere] = field(default_factory=list)


@dataclass
class Rows:
    """What a batch writes, in the order of its tickets."""

    tickets: list[tuple[TicketHere, dict[str, Any]]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    texts: list[tuple[TicketHere, dict[str, Any]]] = field(default_factory=list)
    changed_texts: list[tuple[int, str]] = field(default_factory=list)
    links: list[tuple[TicketHere, LinkHere]] = field(default_factory=list)
    removed: list[LinkHere] = field(default_factory=list)
    acts: list[tuple[TicketHere, LinkHere | None, dict[str, Any]]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    used: dict[int, datetime] = field(default_factory=dict)
    answered: list[int] = field(default_factory=list)


def write(rows: Rows, moment: datetime) -> None:
    """Write a batch in the present transaction, and tell the search index."""
    _insert_tickets(rows.tickets)
    _many(insert(Message), [{**values, "ticket_id": here.id} for here, values in rows.texts])
    _many(update(Ticket), rows.changed)
    for ticket_id, body in rows.changed_texts:
        text = (Message.ticket_id == ticket_id, Message.remote_id == TEXT)
        db.session.execute(update(Message).where(*text).values(body=body))
    if rows.removed:
        gone = Link.id.in_([link.id for link in rows.removed])
        db.session.execute(update(Link).where(gone).values(removed_at=moment))
    _insert_links(rows.links)
    if rows.answered:
        standing = (Exemption.ticket_id.in_(rows.answered), Exemption.ended_at.is_(None))
        db.session.execute(update(Exemption).where(*standing).values(ended_at=moment))
    _measure(rows.acts)
    record_many(
        [
            {**row, "ticket_id": here.id, **({"link_id": link.id} if link else {})}
            for here, link, row in rows.acts
        ]
    )
    _note_use(rows.used)
    touch_all(rows.touched)


def _measure(acts: list[tuple[TicketHere, LinkHere | None, dict[str, Any]]]) -> None:
    """Say what is known of the tickets that something is about to be recorded of: reports read it first."""
    ids = sorted({here.id for here, _, _ in acts if here.id is not None})
    query = select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id)
    tickets = db.session.execute(query, execution_options={"populate_existing": True}).scalars()
    measure_all(list(tickets))


def _insert_tickets(tickets: list[tuple[TicketHere, dict[str, Any]]]) -> None:
    if tickets:
        statement = insert(Ticket).returning(Ticket.id, sort_by_parameter_order=True)
        ids = db.session.execute(statement, [values for _, values in tickets]).scalars()
        for (here, _), ticket_id in zip(tickets, ids, strict=True):
            here.id = ticket_id


def _insert_links(links: list[tuple[TicketHere, LinkHere]]) -> None:
    if links:
        statement = insert(Link).returning(Link.id, sort_by_parameter_order=True)
        ids = db.session.execute(statement, [_link_row(here, link) for here, link in links]).scalars()
        for (_, link), link_id in zip(links, ids, strict=True):
            link.id = link_id


def _link_row(here: TicketHere, link: LinkHere) -> dict[str, Any]:
    names = ("article_id", "version_id", "role", "source", "agent_id", "created_at")
    return {"ticket_id": here.id, **{name: getattr(link, name) for name in names}}


def _many(statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(statement, rows)


def _note_use(used: dict[int, datetime]) -> None:
    """Keep when each article was last used; in the order of their ids, so that nobody waits in a circle."""
    earlier = or_(_articles.c.last_used_at.is_(None), _articles.c.last_used_at < bindparam("used_at"))
    statement = update(_articles).where(_articles.c.id == bindparam("article"), earlier)
    rows = [{"article": article_id, "used_at": used[article_id]} for article_id in sorted(used)]
    _many(statement.values(last_used_at=bindparam("used_at")), rows)


def text_row(body: str, at: datetime | None) -> dict[str, Any]:
    """Return the message that holds a ticket's text, as the customer's first words."""
    return {
        "remote_id": TEXT,
        "author_kind": AuthorKind.REQUESTER,
        "public": True,
        "body": body,
        "created_at": at,
    }


def articles_named(keys: Iterable[str]) -> dict[str, Known]:
    """Return the articles with these keys; one that was merged stands for the one it was merged into."""
    into = aliased(Article)
    rows = db.session.execute(
        select(
            Article.key,
            func.coalesce(into.id, Article.id),
            func.coalesce(into.current_version_id, Article.current_version_id),
        )
        .outerjoin(into, into.id == Article.merged_into_id)
        .where(Article.key.in_(keys), Article.confidence != Confidence.DELETED)
    )
    return {key: Known(article_id, version_id) for key, article_id, version_id in rows}


def agents_named(emails: Iterable[str]) -> dict[str, Known]:
    """Return the people with these addresses, given in small letters; those who have left too."""
    rows = db.session.execute(select(Agent.email, Agent.id, Agent.team_id).where(Agent.email.in_(emails)))
    return {email: Known(agent_id, team_id) for email, agent_id, team_id in rows}


def tickets_here(connection_id: int, remote_ids: Sequence[str]) -> dict[str, TicketHere]:
    """Return those that are here, held until the end of the transaction, with their text and links."""
    text: ColumnElement[bool] = (Message.ticket_id == Ticket.id) & (Message.remote_id == TEXT)
    rows = db.session.execute(
        select(
            Ticket.id,
            Ticket.remote_id,
            Ticket.subject,
            Ticket.url,
            Ticket.knowledge_state.label("state"),
            Ticket.came_from,
            Ticket.solved_at,
            Ticket.solver_id,
            Message.body,
        )
        .outerjoin(Message, text)
        .where(Ticket.connection_id == connection_id, Ticket.remote_id.in_(remote_ids))
        .with_for_update(key_share=True, of=Ticket)
    )
    here: dict[str, TicketHere] = {}
    for row in rows.mappings():
        values = dict(row)
        remote_id = values.pop("remote_id")
        here[remote_id] = TicketHere(**values)
    _add_links({ticket.id: ticket for ticket in here.values()})
    return here


def _add_links(tickets: dict[int | None, TicketHere]) -> None:
    query = select(
        Link.id,
        Link.ticket_id,
        Link.article_id,
        Link.role,
        Link.source,
        Link.removed_by_id,
        Link.removed_at.is_(None).label("present"),
    )
    for row in db.session.execute(query.where(Link.ticket_id.in_(tickets))).mappings():
        values = dict(row)
        tickets[values.pop("ticket_id")].links.append(LinkHere(**values))
