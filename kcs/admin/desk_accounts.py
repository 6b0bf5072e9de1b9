"""What an administrator types to name an account at a vendor's: its subdomain, its key, a stand-in for it."""

from __future__ import annotations

import re
from dataclasses import replace

from kcs.config import Settings
from kcs.errors import ConfigError, InvalidInput, RemoteError
from kcs.ports import Credentials, Provider
from kcs.sentences import Sentence

KEY_REFUSED = frozenset({401, 403})
ANY_KEY = "any"  # with it only the address can be wrong


def subdomain_of(typed: str, domain: str) -> str:
    """Return the account's name in what was typed: the name alone, its address, or that of a page there.

    Anything else comes back as it is: the provider, which builds the host from it, refuses it in words.
    """
    text = typed.strip().lower()
    found = re.fullmatch(rf"(?:https?://)?([a-z0-9-]{{1,63}})\.{re.escape(domain)}(?:[/?#].*)?", text)
    return found[1] if found else text


def stand_in(typed: str, settings: Settings) -> str | None:
    """Return the address of a stand-in that was typed; the provider refuses any but of this machine.

    Raises InvalidInput on a server that people reach from elsewhere: it has no business with this machine's
    other services.
    """
    given = typed.strip()
    if given and not settings.is_local:
        raise InvalidInput(
            "A stand-in for the desk can only be named where this server itself is for this machine alone.",
            errors={"api_base": [Sentence("not on this server")]},
        )
    return given or None


def prove_key(provider: Provider, subdomain: str, key: str, api_base: str | None) -> str:
    """Sign in with a key that was just typed; return as whom. Raises InvalidInput that names the field.

    To be called outside of any transaction that writes.
    """
    if not key:
        raise InvalidInput("A key is needed to sign in.", errors={"token": [Sentence("needed")]})
    credentials = Credentials(subdomain, "", key, api_base)
    try:
        provider.ticket_source(replace(credentials, token=ANY_KEY))
    except ConfigError as error:
        field = "subdomain" if api_base is None else "api_base"
        raise InvalidInput(error.message, errors={field: [error.message]}) from error
    try:
        return provider.ticket_source(credentials).check()
    except ConfigError as error:
        raise InvalidInput(error.message, errors={"token": [error.message]}) from error
    except RemoteError as error:
        field = "token" if error.answered in KEY_REFUSED else "subdomain"
        raise InvalidInput(error.message, errors={field: [error.message]}) from error
