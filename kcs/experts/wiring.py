"""What the application needs of questions to experts: their mails, their chores, and where they are shown."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from flask import Flask

from kcs.articles.panels import add_panel
from kcs.articles.signals import article_going_outside
from kcs.chores import Chore
from kcs.config import Settings
from kcs.experts import beside, mails, pages, reminding
from kcs.experts.drafting import keep_inside
from kcs.experts.links import Terms
from kcs.experts.services import MAIL
from kcs.mail import Mailer
from kcs.outbox.services import Outbox
from kcs.solving.parts import add_part


def wire(app: Flask, effects: Outbox, settings: Settings) -> None:
    """Send questions by mail where there is a mail server, remind, show them beside tickets and articles."""
    terms = Terms(
        key=settings.secret_key,
        base_url=settings.base_url,
        mails=settings.smtp_url is not None,
        remind_after=timedelta(days=settings.expert_remind_days),
        lasts=timedelta(days=settings.expert_days),
        outside=settings.experts_outside,
    )
    app.extensions["kcs.experts"] = terms
    app.extensions["kcs.chores"] += [
        Chore("questions.remind", timedelta(minutes=10), partial(reminding.remind_due, terms)),
        Chore("questions.expire", timedelta(minutes=10), reminding.expire_due),
    ]
    if settings.smtp_url is not None:
        postman = mails.Postman(Mailer(settings.smtp_url, settings.mail_from), terms)
        effects.handle(MAIL, postman.send)
    add_part(app, beside.part)
    add_panel(app, pages.panel)
    article_going_outside.connect(keep_inside)
