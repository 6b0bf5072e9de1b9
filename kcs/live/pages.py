"""The routes of what is live: a stream of events, the same by polling, and the notice that a page shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from kcs.live.captures import captures, drafts_elsewhere
from kcs.live.events import Watch, events_of
from kcs.live.hub import Hub
from kcs.live.log import Place, newest, news
from kcs.live.streams import Stream, nearness_of
from kcs.people.access import Permission, current_agent, may, requires
from kcs.people.models import Agent
from kcs.solving.models import Link
from kcs.tickets.models import Ticket
from kcs.tickets.queries import get_ticket

bp = Blueprint("live", __name__, url_prefix="/live", template_folder="templates")

MOST_SHOWN = 40
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@bp.get("/<connection>/<ticket_id>")
@requires(Permission.SIGNED_IN)
def stream(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Tell what happens to a ticket and the articles beside it; 204 where there is no room: poll then."""
    ticket, agent, shown = get_ticket(connection, ticket_id), current_agent(), _shown()
    place = _place(request.headers.get("Last-Event-ID") or request.args.get("after", ""))
    hub: Hub = current_app.extensions["kcs.live"]
    seat = hub.join(agent.id)
    if seat is None:
        return Response(status=204, headers=HEADERS)
    gone: Callable[[], bool] = request.environ.get("waitress.client_disconnected", bool)
    told = Stream(_app(), ticket.id, agent.id, shown).lines(place, seat, gone)
    response = Response(told, mimetype="text/event-stream", headers=HEADERS)
    response.call_on_close(lambda: hub.leave(seat))
    return response


@bp.get("/<connection>/<ticket_id>/poll")
@requires(Permission.SIGNED_IN)
def poll(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Return the events since a place, and the place to ask from next."""
    watch = Watch(get_ticket(connection, ticket_id), current_agent(), _shown())
    read = news(_place(request.args.get("after", "")))
    events = events_of(watch, read.changes, nearness_of(_app()))
    return jsonify(after=str(read.place), events=[event.told() for event in events])


@bp.get("/<connection>/<ticket_id>/notice")
@requires(Permission.SIGNED_IN)
def notice(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Show who is capturing this ticket's issue now."""
    ticket, agent = get_ticket(connection, ticket_id), current_agent()
    return render_template("live/_notice.html", **_noticed(ticket, agent, drafts_elsewhere(ticket, agent)))


def part(ticket: Ticket, agent: Agent) -> str:
    """Return what stands beside a ticket: who is capturing its issue, and where to hear more.

    No page waits for a search: where one is needed first, the page asks for the notice once it is there.
    """
    drafts = drafts_elsewhere(ticket, agent)
    known = not drafts or nearness_of(_app()).knows(ticket, agent)
    shown = _noticed(ticket, agent, drafts if known else [])
    return render_template("live/_part.html", after=str(newest()), looks=not known, **shown)


def wire(app: Flask) -> None:
    """Give the app its hub, closed until a server opens it."""
    app.extensions["kcs.live"] = Hub(app)


def _noticed(ticket: Ticket, agent: Agent, drafts: Sequence[Link]) -> dict[str, object]:
    return {
        "ticket": ticket,
        "captures": captures(nearness_of(_app()), ticket, agent, drafts),
        "may_link": may(agent, Permission.WORK),
    }


def _place(text: str) -> Place:
    return Place.read(text) if text else newest()


def _shown() -> frozenset[str]:
    """Return the keys of the articles that the page says it shows."""
    return frozenset(request.args.get("shown", "").split(",")[:MOST_SHOWN])


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app
