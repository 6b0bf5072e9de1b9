"""Archiving that no person clicks: by a domain's policy, or because another article took over."""

from __future__ import annotations

from kcs.articles import services
from kcs.articles.models import Article
from kcs.people.models import Agent
from workflow import article as table
from workflow.article import Move


def retire(article: Article, *, authority: str, reason: str, by: Agent | None = None) -> None:
    """Archive an article whoever asks; the caller holds its lock and knows why. Raises RefusedMoveError."""
    state = table.after(article.state, Move.ARCHIVE, table.Text(has_answer=True, has_required=True))
    services.complete_move(article, Move.ARCHIVE, state, authority=authority, by=by, reason=reason)
