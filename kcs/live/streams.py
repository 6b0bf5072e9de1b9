"""One reader's stream of server-sent events. Between two looks nothing is held of the database."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from kcs import database
from kcs.database import db
from kcs.live.captures import Nearness
from kcs.live.events import Event, Watch, events_of
from kcs.live.hub import Seat
from kcs.live.log import Change, Place, news
from kcs.people.models import Agent
from kcs.tickets.models import Ticket

# Then the browser comes again, with its session looked at anew.
STREAM_SECONDS = 55.0
TICK_SECONDS = 1.0
# Also how soon a browser learns that a proxy keeps the stream to itself.
BEAT_SECONDS = 5.0
RETRY_MS = 500

log = structlog.get_logger()


class Stream:
    """What one reader of a ticket hears."""

    def __init__(self, app: Flask, ticket_id: int, agent_id: int, shown: frozenset[str]) -> None:
        self._app, self._ticket_id, self._agent_id, self._shown = app, ticket_id, agent_id, shown

    def lines(self, place: Place, seat: Seat, gone: Callable[[], bool]) -> Iterator[str]:
        """Yield what happened since `place`, then what happens, with a beat while nothing does.

        Ends after STREAM_SECONDS, when `gone` says that nobody listens, or when the seat is over.
        """
        ends = time.monotonic() + STREAM_SECONDS
        next_beat, heard = 0.0, True
        yield f"retry: {RETRY_MS}\n\n"
        while not (seat.over or gone()) and (moment := time.monotonic()) < ends:
            if heard:
                place, events = self._since(place)
                yield from (_message(each.kind.value, each.told(), place) for each in events)
            if moment >= next_beat:
                next_beat = moment + BEAT_SECONDS
                yield _message("beat", {}, place)
            heard = seat.wait(TICK_SECONDS)

    def _since(self, place: Place) -> tuple[Place, list[Event]]:
        """Read on from a place, in a transaction that is over on return."""
        try:
            with self._app.app_context(), database.reading():
                read = news(place)
                return read.place, self._events(read.changes) if read.changes else []
        except SQLAlchemyError as error:
            log.warning("live_stream_failed", reason=str(error)[:300])
            return place, []

    def _events(self, changes: list[Change]) -> list[Event]:
        ticket, reader = (
            db.session.get_one(Ticket, self._ticket_id),
            db.session.get_one(Agent, self._agent_id),
        )
        return events_of(Watch(ticket, reader, self._shown), changes, nearness_of(self._app))


def nearness_of(app: Flask) -> Nearness:
    """Return what the app knows of articles near tickets, by its present index."""
    known: Nearness | None = app.extensions.get("kcs.live.nearness")
    if known is None or known.index is not app.extensions["kcs.search"]:
        known = app.extensions["kcs.live.nearness"] = Nearness(app.extensions["kcs.search"])
    return known


def _message(event: str, data: Mapping[str, str | None], place: Place) -> str:
    return f"id: {place}\nevent: {event}\ndata: {json.dumps(data)}\n\n"
