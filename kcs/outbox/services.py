"""Write effects, and bring them about: each kind of effect has one handler, named when the app is wired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kcs import database, worklist
from kcs.database import db
from kcs.errors import NotFound
from kcs.outbox.models import Effect

NAME = "outbox"


@dataclass(frozen=True)
class EffectClaim:
    """A claimed effect: what to bring about, and the claim that allows it."""

    kind: str
    payload: dict[str, Any]
    held: worklist.Claim

    def hold(self) -> None:
        """Make sure, in the present transaction, that the effect is still ours. Raises LeaseLostError."""
        worklist.hold(Effect, self.held)

    def finish(self, reason: str = "") -> None:
        """Mark the effect done inside the present transaction. Raises LeaseLostError."""
        worklist.finish(Effect, self.held, reason=reason)


Handler = Callable[[EffectClaim], None]


class Outbox:
    """The handlers by kind of effect."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def handle(self, kind: str, handler: Handler) -> None:
        """Name what brings about effects of `kind`."""
        self._handlers[kind] = handler

    def work(self, held: worklist.Claim) -> None:
        """Bring about one claimed effect. Raises NotFound for a kind that has no handler here."""
        with database.reading():
            effect = db.session.get_one(Effect, held.id)
            claim = EffectClaim(effect.kind, dict(effect.payload), held)
        handler = self._handlers.get(claim.kind)
        if handler is None:
            raise NotFound(f"Nothing brings about '{claim.kind}': is this worker older than what wrote it?")
        handler(claim)


def write(kind: str, *, subject: str, payload: dict[str, Any], not_before: datetime | None = None) -> Effect:
    """Write an effect in the present transaction; it is brought about after the commit, or `not_before`."""
    moment = database.now()
    effect = Effect(
        kind=kind, subject=subject, payload=payload, created_at=moment, not_before=not_before or moment
    )
    db.session.add(effect)
    if not_before is None:
        db.session.info.setdefault("ring", set()).add(NAME)
    return effect
