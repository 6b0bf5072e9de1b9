"""What the reader of a ticket is told of what happened: four kinds of event, nothing they may not read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from kcs.articles.models import Article
from kcs.articles.queries import articles_by_id
from kcs.database import db
from kcs.live.captures import Nearness, captures, drafts_elsewhere
from kcs.live.log import Change
from kcs.people.models import Agent
from kcs.tickets.models import Ticket
from workflow.article import Move
from workflow.solve import Act


class Kind(StrEnum):
    """What an event says."""

    CAPTURING = "capturing"  # a colleague writes an article about this issue
    DONE = "done"  # a draft is none any more: published, thrown away, or taken from its ticket
    ARTICLES = "articles"  # an article shown here changed, or another may answer now
    TICKET = "ticket"  # somebody else wrote in the ticket or changed its knowledge


BEGUN = f"ticket.{Act.DRAFT}"
MOVED = {f"article.{move}" for move in Move}
CHANGED = {*MOVED, "article.edited", "article.merged", "article.flagged"}
# After these an article may answer a ticket it was not suggested for.
APPEARS = {f"article.{move}" for move in (Move.COMPLETE, Move.VALIDATE, Move.PUBLISH, Move.RESTORE)}
# What was written to the desk follows from what readers were told before.
WRITTEN_BACK = "desk."
ENDED = {*MOVED, "article.merged", f"ticket.{Act.DISCARD}", f"ticket.{Act.UNLINK}"}


@dataclass(frozen=True)
class Event:
    """One thing to tell: its kind, and the facts for it (names and keys the reader may read)."""

    kind: Kind
    facts: Mapping[str, str | None]

    def told(self) -> dict[str, str | None]:
        """Return the event as it is sent."""
        return {"event": self.kind.value, **self.facts}


@dataclass(frozen=True)
class Watch:
    """Who looks at which ticket, and the keys of the articles before them."""

    ticket: Ticket
    reader: Agent
    shown: frozenset[str] = frozenset()


def events_of(watch: Watch, changes: Iterable[Change], nearness: Nearness) -> list[Event]:
    """Return what these changes mean for whoever watches, each said once."""
    held = list(changes)
    found = [
        *_capturing(watch, held, nearness),
        *_done(watch, held),
        *_articles(watch, held, nearness),
        *_ticket(watch, held),
    ]
    return list({(each.kind, *each.facts.items()): each for each in found}.values())


def _capturing(watch: Watch, changes: list[Change], nearness: Nearness) -> Iterator[Event]:
    begun = {each.article_id for each in changes if each.kind == BEGUN and each.ticket_id != watch.ticket.id}
    if not begun:
        return
    drafts = [link for link in drafts_elsewhere(watch.ticket, watch.reader) if link.article_id in begun]
    for each in captures(nearness, watch.ticket, watch.reader, drafts):
        facts = {
            "who": each.by.name,
            "article": each.article.key,
            "title": each.article.title,
            "since": each.since.isoformat(),
        }
        yield Event(Kind.CAPTURING, facts)


def _done(watch: Watch, changes: list[Change]) -> Iterator[Event]:
    ended = {each.article_id for each in changes if each.kind in ENDED and each.article_id}
    keys = _keys(ended, watch.reader)
    yield from (Event(Kind.DONE, {"article": keys.get(number)}) for number in sorted(ended))


def _articles(watch: Watch, changes: list[Change], nearness: Nearness) -> Iterator[Event]:
    changed = {each.article_id: each.kind for each in changes if each.kind in CHANGED and each.article_id}
    readable = _keys(changed, watch.reader)
    told = _shown(changed, watch.shown)
    appears = {number for number in readable if changed[number] in APPEARS} - told
    if appears:
        told |= appears & nearness.near(watch.ticket, watch.reader).keys()
    for number in sorted(told):
        yield Event(Kind.ARTICLES, {"article": readable.get(number), "act": _last_word(changed[number])})


def _ticket(watch: Watch, changes: list[Change]) -> Iterator[Event]:
    others = [
        each
        for each in changes
        if each.ticket_id == watch.ticket.id
        and each.agent_id != watch.reader.id
        and not each.kind.startswith(WRITTEN_BACK)
    ]
    keys = _keys({each.article_id for each in others if each.article_id}, watch.reader)
    for each in others:
        by = db.session.get(Agent, each.agent_id) if each.agent_id else None
        facts = {"who": by.name if by else None, "act": _last_word(each.kind)}
        yield Event(Kind.TICKET, {**facts, "article": keys.get(each.article_id or 0)})


def _keys(ids: Collection[int], reader: Agent) -> dict[int, str]:
    """Return the keys of those articles the reader may read."""
    return {number: article.key for number, article in articles_by_id(ids, reader).items()} if ids else {}


def _shown(ids: Collection[int], keys: Collection[str]) -> set[int]:
    """Return which of these articles the page says it shows; one it may read no more, too."""
    if not ids or not keys:
        return set()
    query = select(Article.id).where(Article.id.in_(ids), Article.key.in_(keys))
    return set(db.session.execute(query).scalars())


def _last_word(kind: str) -> str:
    return kind.rpartition(".")[2]
