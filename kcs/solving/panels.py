"""What an article's page shows of the solve loop: the tickets that use it."""

from __future__ import annotations

from flask import render_template

from kcs.articles.models import Article
from kcs.people.models import Agent
from kcs.solving.queries import count_tickets_of, latest_links_of

SHOWN = 5


def tickets_panel(article: Article, _agent: Agent) -> str:
    """Return the latest tickets linked to an article, empty when there are none."""
    count = count_tickets_of(article)
    if not count:
        return ""
    return render_template(
        "tickets/_article_panel.html", links=latest_links_of(article, limit=SHOWN), count=count
    )
