"""What a desk sends us: setting it up, reading it, and finding what was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kcs.ports.tickets import DeskStatus, DeskUser


@dataclass(frozen=True)
class ByHand:
    """One step that an administrator takes at the desk, and what they paste there."""

    words: str
    paste: str = ""
    is_secret: bool = False


@dataclass(frozen=True)
class Webhook:
    """A webhook of ours on the desk. `instructions` say what an administrator still has to do by hand.

    Where they have to make the webhook itself, `id` is empty and `secret` None, or one that we made where the
    desk signs nothing. `steps` lead through it one by one; the one that `is_secret` is where the secret goes.
    """

    id: str
    secret: str | None
    kind: str
    instructions: str = ""
    steps: tuple[ByHand, ...] = ()


@dataclass(frozen=True)
class MissedDelivery:
    """A delivery the desk recorded as failed: a hint to read this ticket again."""

    id: str
    ticket_id: str
    at: datetime


class WebhookAdmin(Protocol):
    """Sets up what the desk sends us, and looks at what it could not deliver."""

    def install(self, name: str, endpoint: str) -> Webhook:
        """Make the webhook, or find the one made before. Raises RemoteError."""
        ...

    def rotate(self, webhook_id: str) -> str:
        """Let the desk sign with a new secret from now on, and return it. Raises RemoteError.

        Where the desk signs nothing, return one that an administrator has to enter there.
        """
        ...

    def test(self, webhook_id: str) -> str:
        """Have the desk send a signed test delivery; return what it says of it.

        Raises RemoteError, also where the desk cannot be asked to send one.
        """
        ...

    def remove(self, webhook_id: str) -> None:
        """Take the webhook away; one already gone is no error. Raises RemoteError."""
        ...

    def missed(self, webhook_id: str, since: datetime) -> Iterator[MissedDelivery]:
        """Yield deliveries that failed since then. Raises RemoteError."""
        ...


@dataclass(frozen=True)
class HeardChange:
    """A move of a ticket's status as the desk told it when it happened, with the person who made it."""

    at: datetime
    author: DeskUser
    before: DeskStatus | None
    after: DeskStatus


@dataclass(frozen=True)
class VerifiedDelivery:
    """A webhook request that proved where it comes from, reduced to what the inbox needs.

    `article_id` is set for what may have changed an article's text in the help centre, `heard` by a desk that
    keeps no history of its own.
    """

    delivery_id: str
    event_key: str | None
    kind: str
    ticket_id: str | None
    happened_at: datetime | None
    article_id: str | None = None
    heard: HeardChange | None = None
