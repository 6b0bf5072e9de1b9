"""What the commands about connections ask for, and what they tell an administrator to do."""

from __future__ import annotations

import click
from flask import current_app

from kcs.admin.connection_checks import by_key, provider_of
from kcs.config import Settings
from kcs.errors import BadRequest
from kcs.ports import ByHand
from kcs.tickets.models import ClosePolicy, Connection

POLICIES = click.Choice([policy.value for policy in ClosePolicy])
CLOSING = "What happens when a ticket is solved without knowledge."
LAST_STEP = "Open {base}/admin/connections/{name}, signed in as an administrator, and press Authorise."
REDIRECT = "The redirect URL is {base}/admin/connections/oauth/callback"
SHOWN_ONCE = "Keep the secret now: it is not shown again."
NOT_SHOWN = (
    "(the secret: it was shown when it was made; 'kcs connection rotate-secret {name}' makes the next)"
)


def guide(found: Connection) -> str:
    """Return what an administrator does to agree, a line for each step. Raises BadRequest without OAuth."""
    base = settings().base_url
    provider = provider_of(found, current_app.extensions["kcs.providers"])
    if by_key(provider):
        raise BadRequest(
            "There is nothing to authorise: '%(name)s' signs in with a key. 'kcs connection set %(name)s "
            "--token -' asks for another.",
            name=found.name,
        )
    steps = [
        *([] if found.client_id else provider.set_up.steps),
        LAST_STEP.format(base=base, name=found.name),
    ]
    return "\n".join([*(f"  {n}. {step}" for n, step in enumerate(steps, 1)), REDIRECT.format(base=base)])


def told(steps: tuple[ByHand, ...], name: str, secret: str | None) -> str:
    """Return how the webhook is made by hand, a line for each step and each thing to paste."""
    lines = []
    for number, step in enumerate(steps, 1):
        lines.append(f"  {number}. {step.words}")
        paste = (secret or NOT_SHOWN.format(name=name)) if step.is_secret else step.paste
        if paste:
            lines.append(f"       {paste}")
    return "\n".join([*lines, SHOWN_ONCE] if secret else lines)


def asked(given: str | None, what: str) -> str | None:
    """Return what was given; '-' asks for it without showing it."""
    return str(click.prompt(what, hide_input=True)) if given == "-" else given


def settings() -> Settings:
    """Return the settings of the app at work."""
    held: Settings = current_app.config["KCS"]
    return held
