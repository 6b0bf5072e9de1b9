"""Archiving that no person clicks: by a domain's policy, or because another article took over."""

from __future__ import annotations

from kcs.activity.services import record
from kcs.articles import services
from kcs.articles.models import Article
from kcs.articles.signals import article_changed
from kcs.people.models import Agent
from workflow import article as table
from workflow.article import Move


def retire(article: Article, *, authority: str, reason: str, by: Agent | None = None) -> None:
    """Archive an article whoever asks; the caller holds its lock and knows why. Raises RefusedMoveError."""
    before = article.state
    state = table.after(before, Move.ARCHIVE, table.Text(has_answer=True, has_required=True))
    services.enter(article, state, None)
    record(
        f"article.{Move.ARCHIVE}",
        authority=authority,
        agent=by,
        article_id=article.id,
        before=before.value,
        after=state.value,
        detail={"audience": article.audience.value, "version_id": article.current_version_id},
        remark=reason,
    )
    article_changed.send(article)
