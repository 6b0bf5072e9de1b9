"""What the application needs of reports: facts in step with the log, the days of the views, mails."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from flask import Flask

from kcs.chores import Chore
from kcs.config import Settings
from kcs.mail import Mailer
from kcs.metrics.bi.days import keep_days
from kcs.metrics.digests import mails
from kcs.metrics.digests.services import MAIL, plan_digests
from kcs.metrics.facts.keeping import keep_up
from kcs.outbox.services import Outbox


def wire(app: Flask, effects: Outbox, settings: Settings) -> None:
    """Keep what reports read, and send those that were asked for where there is a mail server."""
    zone = ZoneInfo(settings.timezone)
    app.extensions["kcs.chores"] += [
        Chore("facts", timedelta(seconds=5), partial(keep_up, zone)),
        Chore("reports.days", timedelta(hours=1), partial(keep_days, zone)),
    ]
    if settings.smtp_url is not None:
        terms = mails.Terms(settings.secret_key, settings.base_url, zone)
        postman = mails.Postman(Mailer(settings.smtp_url, settings.mail_from), terms)
        effects.handle(MAIL, postman.send)
        plan = partial(plan_digests, zone)
        app.extensions["kcs.chores"].append(Chore("reports.mails", timedelta(minutes=1), plan))
