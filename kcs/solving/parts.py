"""What other features show beside a ticket, on its page and in the panel: each adds a part in `kcs.app`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app
from markupsafe import Markup

from kcs.markup import mark_safe
from kcs.people.models import Agent
from kcs.tickets.models import Ticket

# Returns rendered HTML, empty when there is nothing to say to this person about this ticket.
Part = Callable[[Ticket, Agent], str]


def add_part(app: Flask, part: Part) -> None:
    """Show `part` within the knowledge of every ticket, after those added before it."""
    app.extensions.setdefault("kcs.ticket_parts", []).append(part)


def parts_of(ticket: Ticket, agent: Agent) -> list[Markup]:
    """Return the parts that have something to say."""
    parts: list[Part] = current_app.extensions.get("kcs.ticket_parts", [])
    return [mark_safe(html) for part in parts if (html := part(ticket, agent))]
