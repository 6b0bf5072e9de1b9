"""The names under which a ticket's knowledge state stands on the desk, as a tag and in a custom field.

The mirror leaves them out of the tags and fields it keeps: they are our own words coming back.
"""

from __future__ import annotations

from kcs.tickets.models import Connection
from workflow.solve import KnowledgeState as S

# After the connection's prefix. Of a ticket in `capture` nothing is said: every new one would be written to.
NAMES = {
    S.REUSE: "reuse",
    S.STRUCTURE: "structure",
    S.IMPROVE: "improve",
    S.EXEMPT: "exempt",
    S.ANSWERED: "answered",
    S.UNANSWERED: "unanswered",
}


def tag_of(connection: Connection, state: S) -> str:
    """Return the name of a state on the desk, empty for the one that has none."""
    return f"{connection.tag_prefix}{NAMES[state]}" if state in NAMES else ""


def own_tags(connection: Connection) -> frozenset[str]:
    """Return every name that a state may have on this desk."""
    return frozenset(f"{connection.tag_prefix}{name}" for name in NAMES.values())
