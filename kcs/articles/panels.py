"""What other features show on an article's page: each adds a panel, wired in `kcs.app`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app
from markupsafe import Markup

from kcs.articles.models import Article
from kcs.markup import mark_safe
from kcs.people.models import Agent

# Returns rendered HTML, empty when there is nothing to say to this person about this article.
Panel = Callable[[Article, Agent], str]


def add_panel(app: Flask, panel: Panel) -> None:
    """Show `panel` beside every article, after those added before it."""
    app.extensions.setdefault("kcs.panels", []).append(panel)


def panels_of(article: Article, agent: Agent) -> list[Markup]:
    """Return the panels that have something to say."""
    panels: list[Panel] = current_app.extensions.get("kcs.panels", [])
    return [mark_safe(html) for panel in panels if (html := panel(article, agent))]
