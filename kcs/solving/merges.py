"""Following a merge of two articles: the tickets linked to the newer are linked to the older."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from kcs import database
from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import Agent
from kcs.solving.loop import Record, write
from kcs.solving.models import Link, LinkRole
from workflow.solve import Act


def follow_merge(newer: Article, *, into: Article, by: Agent) -> None:
    """Let every link to `newer` lead to `into`, with the version that was delivered.

    A link keeps its id, so every figure stays as it was. A ticket linked to both keeps one: the answer
    rather than the reference, else the older link; the other one is taken away and recorded.
    """
    for newer_link, older_link in _doubles(newer, into):
        stronger = newer_link.role is LinkRole.RESOLUTION and older_link.role is LinkRole.REFERENCE
        _take_away(older_link if stronger else newer_link, by)
    db.session.flush()
    db.session.execute(
        update(Link).where(Link.article_id == newer.id).values(article_id=into.id),
        execution_options={"synchronize_session": "fetch"},
    )


def _doubles(newer: Article, into: Article) -> list[tuple[Link, Link]]:
    older_link = aliased(Link)
    query = (
        select(Link, older_link)
        .join(older_link, older_link.ticket_id == Link.ticket_id)
        .where(
            Link.article_id == newer.id,
            older_link.article_id == into.id,
            Link.removed_at.is_(None),
            older_link.removed_at.is_(None),
        )
        .order_by(Link.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _take_away(link: Link, by: Agent) -> None:
    link.removed_at, link.removed_by_id = database.now(), by.id
    written = Record("merge", by, article_id=link.article_id, link_id=link.id, role=link.role)
    write(link.ticket, Act.UNLINK, link.ticket.knowledge_state, written)
