"""What other features show above the editor of an article: each adds a part, wired in `kcs.app`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app
from markupsafe import Markup

from kcs.articles.models import Article
from kcs.markup import mark_safe
from kcs.people.models import Agent

# Returns rendered HTML, empty when there is nothing to say to this person about this text.
Part = Callable[[Article, Agent], str]


def add_beside(app: Flask, part: Part) -> None:
    """Show `part` with the editor of every article, after those added before it."""
    app.extensions.setdefault("kcs.beside_editor", []).append(part)


def beside_editor(article: Article, agent: Agent) -> list[Markup]:
    """Return the parts that have something to say."""
    parts: list[Part] = current_app.extensions.get("kcs.beside_editor", [])
    return [mark_safe(html) for part in parts if (html := part(article, agent))]
