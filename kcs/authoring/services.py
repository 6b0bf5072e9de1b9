"""Acts on text somebody is writing: keep it until it is saved, or throw it away."""

from __future__ import annotations

from sqlalchemy import delete, select

from kcs import database
from kcs.authoring.models import UnsavedText
from kcs.authoring.queries import unsaved_text
from kcs.authoring.typed import Typed
from kcs.database import db
from kcs.errors import WorkflowError
from kcs.people.models import Agent


def keep_unsaved(agent: Agent, subject: str, typed: Typed) -> UnsavedText:
    """Keep what `agent` has typed for an article (`subject`: its key, or "new") in place of what was kept.

    Raises WorkflowError when what is kept was typed in another window: neither takes the other's place.
    """
    # One at a time: the same person may have two windows open.
    db.session.execute(select(Agent.id).where(Agent.id == agent.id).with_for_update(key_share=True))
    moment = database.now()
    kept = unsaved_text(agent, subject)
    if kept is None:
        kept = UnsavedText(agent_id=agent.id, subject=subject)
        db.session.add(kept)
    elif not _same_window(kept, typed.details.get("window", "")):
        raise WorkflowError(
            "You have this article open in another window, which keeps its own text. "
            "Save or close that one first."
        )
    kept.base, kept.title, kept.template = typed.base, typed.title, typed.template
    kept.parts, kept.details = dict(typed.parts), dict(typed.details)
    kept.saved_at = moment
    return kept


def forget_saved(agent: Agent, subject: str, window: str) -> None:
    """Let go of what `agent` typed in this window: it was saved. What another window keeps stays."""
    kept = unsaved_text(agent, subject)
    if kept is not None and _same_window(kept, window):
        db.session.delete(kept)


def forget_unsaved(agent: Agent, subject: str) -> None:
    """Let go of what `agent` typed for an article: it was thrown away."""
    db.session.execute(
        delete(UnsavedText).where(UnsavedText.agent_id == agent.id, UnsavedText.subject == subject)
    )


def _same_window(kept: UnsavedText, window: str) -> bool:
    return kept.details.get("window", "") in ("", window)
