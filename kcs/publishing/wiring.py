"""What the application needs of publishing: its effects, its chore, and what follows articles."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from kcs import views
from kcs.articles.signals import article_changed, article_redrawn
from kcs.authoring.beside import add_beside
from kcs.chores import Chore
from kcs.config import Settings
from kcs.outbox.services import Outbox
from kcs.ports import Provider
from kcs.publishing import pages, rule_pages, rules, settling
from kcs.publishing.looking import EVERY, Lookout
from kcs.publishing.places import Catalogue
from kcs.publishing.publisher import Publisher
from kcs.publishing.queries import count_open_drifts
from kcs.publishing.services import SYNC, keep_in_step, send_again


def wire(app: Flask, effects: Outbox, providers: Mapping[str, Provider], settings: Settings) -> None:
    """Let help centres follow the articles, and look at what happens there."""
    effects.handle(SYNC, Publisher(providers, settings.base_url).sync)
    effects.handle(rules.FOLLOW, rules.follow)
    lookout = Lookout(providers)
    app.extensions[settling.LOOKOUT] = lookout
    app.extensions[rule_pages.KEY] = Catalogue(providers)
    app.extensions["kcs.chores"].append(Chore("publishing.poll", EVERY, lookout.poll))
    add_beside(app, pages.beside_editor)
    views.add_count(app, "Drifts", lambda _: count_open_drifts())
    article_changed.connect(keep_in_step)
    article_redrawn.connect(send_again)
