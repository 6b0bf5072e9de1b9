"""What the application needs to stay in step with its desks."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from flask import Flask

from kcs.chores import Chore
from kcs.solving import taken_back
from kcs.solving.parts import add_part
from kcs.syncing import chores, erasing, pages
from kcs.syncing.hints import Desks
from kcs.tickets.signals import words_taken_back


def wire(app: Flask, desks: Desks) -> None:
    """Look for what webhooks lost, follow people, and forget what desks took back."""
    app.extensions["kcs.desks"] = desks
    words_taken_back.connect(taken_back.follow_words)
    add_part(app, pages.beside)
    app.extensions["kcs.chores"] += [
        Chore(chores.RECONCILE, timedelta(hours=1), partial(chores.reconcile_all, desks)),
        Chore(chores.PEOPLE, timedelta(hours=6), partial(chores.sync_all_people, desks)),
        Chore("desks.backfill", timedelta(seconds=15), partial(chores.go_on_with_backfills, desks)),
        Chore("desks.forget", timedelta(hours=1), chores.forget_old),
        Chore("desks.erase", timedelta(hours=1), erasing.erase_deleted),
    ]
