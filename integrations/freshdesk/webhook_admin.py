"""The two automation rules that tell us of changes: an administrator makes them, we say how.

[Using webhooks in automation rules; Automation rules that run on ticket updates] at support.freshdesk.com.
REST lists and changes rules, but its documentation shows no webhook action, so there is no installer. A rule
signs nothing: it brings along a secret that we make. [?] where some plans hide custom headers: basic
authentication takes the same secret as its password.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import datetime

from kcs.errors import RemoteError
from kcs.ports import ByHand, MissedDelivery, Webhook
from kcs.sentences import Sentence

HEADER = "X-KCS-Secret"
SECRET_BYTES = 32
# Only the number is believed; the rest tells people in the inbox which rule it was.
BODY = json.dumps(
    {
        "source": "freshdesk-automation",
        "event": "{{triggered_event}}",
        "ticket_id": "{{ticket.id}}",
        "status": "{{ticket.status}}",
    },
    separators=(",", ":"),
)
INSTRUCTIONS = Sentence(
    "Freshdesk's rules cannot be made over its API: an administrator makes two of them by hand, as follows."
)


class FreshdeskWebhooks:
    """Implements `kcs.ports.WebhookAdmin`. Nothing is kept at Freshdesk: the steps are the same each time."""

    def install(self, name: str, endpoint: str) -> Webhook:
        """Return a new secret, and the rules that send it along to this endpoint."""
        return Webhook("", made_secret(), "rules", INSTRUCTIONS, steps_for(name, endpoint))

    def rotate(self, webhook_id: str) -> str:  # noqa: ARG002 - the port's: a rule has no id we know
        """Return the next secret, to be entered in both rules."""
        return made_secret()

    def test(self, webhook_id: str) -> str:  # noqa: ARG002
        """Raise RemoteError: a rule runs when a ticket changes, and at no other time."""
        raise RemoteError(
            Sentence("Freshdesk sends nothing on request: change a ticket there, and the rule runs."),
            permanent=True,
        )

    def remove(self, webhook_id: str) -> None:
        """Do nothing: the rules are the administrator's; without a connection they are refused."""

    def missed(self, webhook_id: str, since: datetime) -> Iterator[MissedDelivery]:  # noqa: ARG002
        """Yield nothing: Freshdesk tells of no delivery it could not make."""
        return iter(())


def made_secret() -> str:
    """Return a secret nobody can guess, of letters, digits, hyphens and underscores."""
    return secrets.token_urlsafe(SECRET_BYTES)


def steps_for(name: str, endpoint: str) -> tuple[ByHand, ...]:
    """Return how the two rules are made, in the order of Freshdesk's own form."""
    return (
        ByHand(
            Sentence(
                "In Freshdesk open Admin > Workflows > Automations, the tab Ticket creation, and press New "
                "rule. Its name:"
            ),
            name,
        ),
        ByHand(
            Sentence("Give it a condition that every ticket meets: Ticket, Status, is any of, all of them.")
        ),
        ByHand(Sentence("Its action is Trigger webhook, the request type POST, and this the URL:"), endpoint),
        ByHand(Sentence("Switch custom headers on, and add one of this name:"), HEADER),
        ByHand(
            Sentence(
                "Its value is the secret. Where your plan has no custom headers, tick Requires "
                "authentication instead: any user name, and the secret as the password."
            ),
            is_secret=True,
        ),
        ByHand(Sentence("The encoding is JSON, the content Advanced; this is the content, whole:"), BODY),
        ByHand(Sentence("Preview and save it, and see that it is switched on.")),
        ByHand(
            Sentence(
                "Make the second rule in the tab Ticket updates, performed by: Agent or requester. Its "
                "events: Status is changed (from any to any), Reply is sent, Note is added (any type), Agent "
                "is updated, Group is updated, Customer feedback is received. Condition and action are those "
                "of the first rule."
            )
        ),
        ByHand(
            Sentence(
                "Where rules of yours resolve or close tickets, make a third one like the second, performed "
                "by: System."
            )
        ),
    )
