"""Take a batch of past tickets over: planned by the solve loop's table one by one, then written at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select

from kcs import database
from kcs.articles.taking import Done
from kcs.database import db
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.solving.models import LinkRole, LinkSource
from kcs.solving.past_tickets_rows import (
    NO_ADDRESS,
    Known,
    LinkHere,
    PastTicket,
    Rows,
    TicketHere,
    agents_named,
    articles_named,
    text_row,
    tickets_here,
    write,
)
from kcs.tickets.models import Connection
from workflow import solve
from workflow.solve import Act, Facts, KnowledgeState

AUTHORITY = "import"
# What a ticket without a date leaves in the log instead of its solving: reports count what they can date.
UNDATED = "ticket.imported"


def take(tickets: Sequence[PastTicket], *, into: Connection, by: Agent) -> list[tuple[Done, tuple[str, ...]]]:
    """Take these over in the present transaction, each id once; return what became of each, with remarks.

    Nothing a desk or a person said here is overwritten: a ticket the desk has been read for is refused, and a
    link that somebody removed stays removed.
    """
    batch = _Batch(tickets, into, by)
    outcomes = [batch.take(ticket) for ticket in tickets]
    batch.write()
    return outcomes


class _Batch:
    """Looks everything up at once, plans, and writes at once."""

    def __init__(self, tickets: Sequence[PastTicket], into: Connection, by: Agent) -> None:
        # One import into a connection at a time: two would write the same tickets.
        db.session.execute(
            select(Connection.id).where(Connection.id == into.id).with_for_update(key_share=True)
        )
        self._now = database.now()
        self._into, self._by = into, Known(by.id, by.team_id)
        self._articles = articles_named({key for ticket in tickets for key in ticket.articles})
        self._agents = agents_named({ticket.agent.lower() for ticket in tickets if ticket.agent})
        self._here = tickets_here(into.id, [ticket.id for ticket in tickets])
        self._rows = Rows()

    def take(self, ticket: PastTicket) -> tuple[Done, tuple[str, ...]]:
        """Plan what this ticket needs."""
        here = self._here.get(ticket.id)
        if here is not None and here.url != NO_ADDRESS:
            return Done.REFUSED, (
                f"ticket {ticket.id} was read from the desk '{self._into.name}': link its articles there",
            )
        agent = self._agents.get(ticket.agent.lower()) if ticket.agent else None
        found = [self._articles[key] for key in ticket.articles if key in self._articles]
        articles = list(dict.fromkeys(found))  # two keys of one article, where one was merged into the other
        remarks = [f"there is no article {key}" for key in ticket.articles if key not in self._articles]
        if ticket.agent and agent is None:
            remarks.append(f"there is nobody with the address {ticket.agent}")
        if here is None:
            self._begin(ticket, articles, agent)
            return Done.TAKEN, tuple(remarks)
        changed = self._change(here, ticket, articles, agent)
        return Done.UPDATED if changed else Done.UNCHANGED, tuple(remarks)

    def _begin(self, ticket: PastTicket, articles: list[Known], agent: Known | None) -> None:
        here, at = TicketHere(), ticket.solved_at or self._now
        self._link(here, articles, agent, ticket.solved_at, solved=False)
        here.came_from = here.state if here.links else None
        self._solve(here, ticket, agent)
        values = {
            "connection_id": self._into.id,
            "remote_id": ticket.id,
            "subject": ticket.title,
            "status": DeskStatus.CLOSED,
            "knowledge_state": here.state,
            "came_from": here.came_from,
            "solver_id": agent.id if agent else None,
            "solved_at": at,
            "opened_at": at,
            "desk_updated_at": at,
            "url": NO_ADDRESS,
        }
        self._rows.tickets.append((here, values))
        if ticket.body:
            self._rows.texts.append((here, text_row(ticket.body, at)))

    def _change(
        self, here: TicketHere, ticket: PastTicket, articles: list[Known], agent: Known | None
    ) -> bool:
        before = (here.state, here.came_from)
        linked = self._relink(here, articles, agent, ticket.solved_at)
        values: dict[str, Any] = {}
        if here.subject != ticket.title:
            values["subject"] = ticket.title
        if agent is not None and here.solver_id != agent.id:
            values["solver_id"] = agent.id
        if ticket.solved_at is not None and here.solved_at != ticket.solved_at:
            values |= dict.fromkeys(("solved_at", "opened_at", "desk_updated_at"), ticket.solved_at)
        if ticket.solved_at is not None and values.keys() & {"solver_id", "solved_at"}:
            # The log keeps what was said before; reports count the latest solving.
            self._write(here, f"ticket.{Act.SOLVE}", here.state, agent, ticket.solved_at)
        worded = self._rewrite(here, ticket)
        if worded or "subject" in values:
            self._rows.touched.update(link.article_id for link in here.links if link.present)
        if (here.state, here.came_from) != before:
            values |= {"knowledge_state": here.state, "came_from": here.came_from}
        if values:
            self._rows.changed.append({"id": here.id, **values})
        return bool(values) or worded or linked

    def _rewrite(self, here: TicketHere, ticket: PastTicket) -> bool:
        if (here.body or "") == ticket.body:
            return False
        if here.body is None:
            self._rows.texts.append((here, text_row(ticket.body, ticket.solved_at or here.solved_at)))
        elif here.id is not None:
            self._rows.changed_texts.append((here.id, ticket.body))
        return True

    def _relink(
        self, here: TicketHere, articles: list[Known], agent: Known | None, at: datetime | None
    ) -> bool:
        """Make and take away links so that they are those of the line; a person's word stands."""
        kept = {link.article_id for link in here.links if link.present or link.removed_by_id is not None}
        wanted = {article.id for article in articles}
        gone = [
            link
            for link in here.links
            if link.present and link.source is LinkSource.IMPORTED and link.article_id not in wanted
        ]
        new = [article for article in articles if article.id not in kept]
        self._link(here, new, agent, at, solved=True)
        for link in gone:
            self._unlink(here, link)
        return bool(new or gone)

    def _link(
        self,
        here: TicketHere,
        articles: Iterable[Known],
        agent: Known | None,
        at: datetime | None,
        *,
        solved: bool,
    ) -> None:
        who = agent or self._by
        for article in articles:
            before, here.state = here.state, _after(here.state, Act.LINK, Facts(solved=solved))
            if here.state is KnowledgeState.ANSWERED and before is not KnowledgeState.ANSWERED:
                here.came_from = KnowledgeState.REUSE
            if before is KnowledgeState.EXEMPT and here.id is not None:
                self._rows.answered.append(here.id)
            made = LinkHere(
                article.id, version_id=article.beside, agent_id=who.id, created_at=at or self._now
            )
            here.links.append(made)
            self._rows.links.append((here, made))
            self._write(here, f"ticket.{Act.LINK}", before, who, at, link=made)
            self._rows.touched.add(article.id)
            if at is not None:
                self._rows.used[article.id] = max(at, self._rows.used.get(article.id, at))

    def _unlink(self, here: TicketHere, link: LinkHere) -> None:
        here.links.remove(link)
        left = sum(each.present and each.role is LinkRole.RESOLUTION for each in here.links)
        before, here.state = here.state, _after(here.state, Act.UNLINK, Facts(links_left=left))
        here.came_from = here.came_from if left else None
        self._rows.removed.append(link)
        self._rows.touched.add(link.article_id)
        self._write(here, f"ticket.{Act.UNLINK}", before, self._by, None, link=link)

    def _solve(self, here: TicketHere, ticket: PastTicket, agent: Known | None) -> None:
        before, here.state = here.state, _after(here.state, Act.SOLVE, Facts())
        kind = UNDATED if ticket.solved_at is None else f"ticket.{Act.SOLVE}"
        self._write(here, kind, before, agent, ticket.solved_at)

    def _write(
        self,
        here: TicketHere,
        kind: str,
        before: KnowledgeState,
        who: Known | None,
        at: datetime | None,
        *,
        link: LinkHere | None = None,
    ) -> None:
        row = {
            "kind": kind,
            "authority": AUTHORITY,
            "happened_at": at,
            "agent_id": who.id if who else None,
            "team_id": who.beside if who else None,
            "connection_id": self._into.id,
            "before": before.value,
            "after": here.state.value,
            **({"article_id": link.article_id, "role": link.role.value} if link else {}),
        }
        self._rows.acts.append((here, link, row))

    def write(self) -> None:
        """Write all that was planned."""
        write(self._rows, self._now)


@cache
def _after(state: KnowledgeState, act: Act, facts: Facts) -> KnowledgeState:
    return solve.after(state, act, facts)
