"""What an API key may not do: it has no scopes, so what we need is asked for, and the refusals are told.

Reading alone is tried. Who may write notes and articles is said by no call; the writer and the publisher tell
when they are refused.
"""

from __future__ import annotations

from integrations.freshdesk.client import FreshdeskClient
from kcs.errors import RemoteError
from kcs.sentences import Sentence

# [Agents, view currently authenticated agent]: 1 all tickets, 2 those of their groups, 3 their own.
SCOPES = {
    2: Sentence("seeing the tickets of other groups (its agent's scope is 'Group access')"),
    3: Sentence("seeing the tickets of other agents (its agent's scope is 'Restricted access')"),
}
REFUSED = 403
ONE = {"per_page": "1"}
READS: tuple[tuple[str, dict[str, str], Sentence], ...] = (
    ("/tickets", ONE, Sentence("reading tickets")),
    ("/ticket_fields", {}, Sentence("reading which statuses there are")),
    ("/agents", ONE, Sentence("reading who works there")),
    ("/groups", ONE, Sentence("reading the groups of those who work there")),
    ("/solutions/categories", ONE, Sentence("reading and publishing solution articles")),
)


def lacking(client: FreshdeskClient) -> tuple[str, ...]:
    """Return what the agent whose key we use may not do, in words. Raises RemoteError."""
    scope = client.get("/agents/me").get("ticket_scope")
    too_narrow = [said for number, said in SCOPES.items() if scope == number]
    return (*too_narrow, *(said for path, asked, said in READS if _is_refused(client, path, asked)))


def _is_refused(client: FreshdeskClient, path: str, asked: dict[str, str]) -> bool:
    try:
        client.rows(path, asked)
    except RemoteError as error:
        if error.answered != REFUSED:
            raise
        return True
    return False
