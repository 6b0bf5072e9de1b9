"""Wire write-back: what is followed, and who carries out what."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app

from kcs.config import Settings
from kcs.outbox.services import Outbox
from kcs.ports import Provider
from kcs.publishing.signals import readers_changed
from kcs.search.index import SearchIndex
from kcs.solving.signals import left_unanswered, ticket_moved
from kcs.tickets.signals import ticket_opened
from kcs.writing_back import asking
from kcs.writing_back.desks import Writers
from kcs.writing_back.note_writing import Advice, NoteWriter
from kcs.writing_back.pinning import Pinner
from kcs.writing_back.state_writing import StateWriter


def wire(effects: Outbox, providers: Mapping[str, Provider], settings: Settings) -> None:
    """Follow tickets, and carry out what is to be written to their desks."""
    ticket_opened.connect(asking.follow_opened)
    left_unanswered.connect(asking.follow_left_unanswered)
    ticket_moved.connect(asking.follow_moved)
    readers_changed.connect(asking.follow_publication)
    writers = Writers(providers)
    notes = NoteWriter(writers, Advice(_index, settings.no_article_percent / 100), settings.base_url)
    effects.handle(asking.SUGGESTIONS, notes.suggest)
    effects.handle(asking.REMINDER, notes.remind)
    effects.handle(asking.STATE, StateWriter(writers).write)
    effects.handle(asking.PINS, Pinner(writers).write)


def _index() -> SearchIndex:
    """Return the index of the app at work."""
    index: SearchIndex = current_app.extensions["kcs.search"]
    return index
