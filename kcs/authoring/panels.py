"""What an article's page shows of the content standard, and the way to read it beside another article."""

from __future__ import annotations

from flask import render_template

from kcs.articles import rights
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article
from kcs.authoring.checklist import examine
from kcs.authoring.forms import draft_of
from kcs.authoring.typed import Typed
from kcs.people.access import Permission, may
from kcs.people.models import Agent


def standard_panel(article: Article, agent: Agent) -> str:
    """Say to whoever may edit the article what the content standard misses, and offer to compare it."""
    if not may(agent, Permission.WORK):
        return ""
    version = article.current_version
    draft = draft_of(article, Typed(version.title, readable_parts(version, agent)))
    editable = rights.may_edit(agent, article)
    checks = [check for check in examine(draft, agent) if not check.met] if editable else []
    return render_template("authoring/_panel.html", article=article, checks=checks)
