"""The readers of one process who are told over an open connection, and the one thread that watches for them.

A reader holds a thread of the server, so there is room for a few only; whoever finds none polls. The log is
looked into once a second for all of them; only when it has grown does each read on from their own place.
"""

from __future__ import annotations

import threading
from contextlib import suppress

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from kcs import database
from kcs.live.log import Place, newest, news

LOOK_SECONDS = 1.0
# Of one person: further windows of theirs poll.
SEATS_EACH = 3

log = structlog.get_logger()


class Seat:
    """One reader's place at the hub."""

    def __init__(self, agent_id: int) -> None:
        self.agent_id = agent_id
        self.over = False
        self._bell = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Return whether something happened anywhere, after `seconds` at the latest."""
        heard = self._bell.wait(seconds)
        self._bell.clear()
        return heard

    def ring(self) -> None:
        """Something happened."""
        self._bell.set()

    def end(self) -> None:
        """The server stops: the reader must go."""
        self.over = True
        self._bell.set()


class Hub:
    """Room for readers. There is none until a server that has threads for them calls `open`."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._room = 0
        self._seats: list[Seat] = []
        self._watched = False
        self._lock = threading.Lock()
        self._closing = threading.Event()

    @property
    def taken(self) -> int:
        """How many readers there are."""
        return len(self._seats)

    def open(self, room: int) -> None:
        """Let in so many readers from now on."""
        self._closing.clear()
        self._room = room

    def close(self) -> None:
        """Send everybody away and let nobody in: the server stops. Safe in a signal handler."""
        self._room = 0
        self._closing.set()
        self._send_away()

    def join(self, agent_id: int) -> Seat | None:
        """Return a seat, None when all are taken or this person has enough."""
        place = newest()
        with self._lock:
            own = sum(seat.agent_id == agent_id for seat in self._seats)
            if len(self._seats) >= self._room or own >= SEATS_EACH:
                return None
            seat = Seat(agent_id)
            self._seats.append(seat)
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, args=(place,), name="kcs-live", daemon=True).start()
        return seat

    def leave(self, seat: Seat) -> None:
        """Make room for somebody else; again is no error."""
        with self._lock, suppress(ValueError):
            self._seats.remove(seat)

    def _watch(self, place: Place) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            with self._lock:
                if not self._seats:
                    self._watched = False
                    return
            place = self._look(place)
        with self._lock:
            self._watched = False
        # Also whoever came in while the doors were being closed.
        self._send_away()

    def _look(self, place: Place) -> Place:
        """Look into the log once; ring for everybody when it has grown. Return the place reached."""
        try:
            with self._app.app_context(), database.reading():
                read = news(place)
        except SQLAlchemyError as error:
            # The database is away: readers stay, and are told when it is back.
            log.warning("live_look_failed", reason=str(error)[:300])
            return place
        if read.changes:
            for seat in list(self._seats):
                seat.ring()
        return read.place

    def _send_away(self) -> None:
        for seat in list(self._seats):
            seat.end()
