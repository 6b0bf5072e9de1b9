"""What the application needs of improving: mails, expiry, visits, what readers say on an article's page."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from kcs import views
from kcs.articles.panels import add_panel
from kcs.articles.signals import articles_merged
from kcs.chores import Chore
from kcs.config import Settings
from kcs.improving import digest, pages
from kcs.improving.expiry import archive_expired
from kcs.improving.services import follow_merge
from kcs.improving.visits import forget_keys
from kcs.mail import Mailer
from kcs.outbox.services import Outbox


def wire(app: Flask, effects: Outbox, settings: Settings) -> None:
    """Let articles expire and visits be forgotten; send digests where there is a mail server."""
    app.extensions["kcs.chores"] += [
        Chore("articles.expire", timedelta(minutes=10), archive_expired),
        Chore("visits.forget", timedelta(minutes=10), forget_keys),
    ]
    if settings.smtp_url is not None:
        postman = digest.Postman(Mailer(settings.smtp_url, settings.mail_from), settings.base_url)
        effects.handle(digest.MAIL, postman.send)
        app.extensions["kcs.chores"].append(Chore("digests", timedelta(minutes=1), digest.plan_digests))
    articles_merged.connect(follow_merge)
    add_panel(app, pages.panel)
    views.add_count(app, "Improve", pages.waiting_for)
