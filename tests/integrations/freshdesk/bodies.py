"""Bodies as automation rules and apps send them, all about ticket 4711 of the account.

Shapes as seen in public receivers' fixtures and in the vendor's own samples of app events; words are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

TICKET = "4711"

WRAPPED: dict[str, Any] = {
    "triggered_event": "{status:{from:2,to:4}}",
    "ticket_id": TICKET,
    "ticket_url": f"https://acme.freshdesk.com/helpdesk/tickets/{TICKET}",
    "ticket_type": "Question",
    "ticket_subject": 'The "mute" light, ünlit',
    "ticket_description": '<div class="x">It says \\"mute\\" 🤷</div>',
    "ticket_status": "Waiting on Customer",
    "ticket_priority": "Urgent",
    "requester_name": "Carl Client",
    "requester_email": "carl@home.example",
}
ACTOR: dict[str, Any] = {"id": 901, "name": "Ann Agent", "email": "ann@acme.example", "type": "agent"}
OURS: dict[str, Any] = {
    "source": "freshdesk-app",
    "event": "onTicketUpdate",
    "account_id": 320042,
    "ticket_id": 4711,
    "changes": {"status": [2, 4], "priority": [1, 3]},
    "actor": ACTOR,
    "timestamp": 1772355600000,
}
ENVELOPE: dict[str, Any] = {
    "account_id": "320042",
    "domain": "acme.freshdesk.com",
    "event": "onTicketUpdate",
    "region": "US",
    "timestamp": 1772355600.125,
    "data": {
        "ticket": {
            "id": 4711,
            "subject": "No sound",
            "status": 4,
            "status_name": "Resolved",
            "custom_fields": {"cf_product": "X1"},
            "changes": {"status": [2, 4]},
        },
        "actor": ACTOR,
        "requester": {"id": 77, "name": "Carl Client", "email": "carl@home.example"},
    },
    "iparams": {"server": "kcs.example"},
    "currentHost": {"subscribed_modules": ["support_ticket"]},
}
OLD_SAMPLE: dict[str, Any] = {
    "account_id": 320042,
    "event": "onTicketUpdate",
    "timestamp": 1772355600000,
    "data": {
        "ticket": {
            "id": 4711,
            "custom_fields": [{"name": "x", "value": None}],
            "changes": {"status": ["Open", "Resolved"]},
        }
    },
}

BODIES: dict[str, dict[str, Any]] = {
    "our template": {
        "source": "freshdesk-automation",
        "event": "{status:{from:2,to:4}}",
        "ticket_id": TICKET,
        "status": "Resolved",
    },
    "our template, created": {
        "source": "freshdesk-automation",
        "event": "{ticket_action:created}",
        "ticket_id": TICKET,
        "status": "Open",
    },
    "the wrapper": {"freshdesk_webhook": WRAPPED},
    "the wrapper, a note": {"freshdesk_webhook": {**WRAPPED, "triggered_event": "{note_type:private}"}},
    "the wrapper, few fields": {"freshdesk_webhook": {"ticket_id": 4711, "ticket_status": "Open"}},
    "flat": WRAPPED,
    "flat, numbers": {"ticket_id": 4711, "status": 4},
    "a ticket object": {"ticket": {"id": 4711, "status": 4, "priority": 2}},
    "a ticket object of text": {"ticket": {"id": TICKET, "status": "Resolved"}, "event": "x"},
    "a ticket object with ticket_id": {"ticket": {"ticket_id": TICKET}},
    "our app": OURS,
    "our app, seconds": {**OURS, "timestamp": 1772355600.5},
    "our app, digits": {**OURS, "timestamp": "1772355600000", "ticket_id": TICKET},
    "our app, a date": {**OURS, "timestamp": "2026-03-01T09:00:00Z"},
    "our app, no actor": {name: value for name, value in OURS.items() if name != "actor"},
    "our app, no change": {**OURS, "event": "onConversationCreate", "changes": {}},
    "the platform's envelope": ENVELOPE,
    "an old sample of it": OLD_SAMPLE,
    "a conversation": {
        **ENVELOPE,
        "event": "onConversationCreate",
        "data": {"conversation": {"id": 5, "ticket_id": 4711, "private": True}, "actor": ACTOR},
    },
}

JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        [],
        {},
        [[]],
        "",
        "x",
        "0",
        -3,
        1.5,
        10**30,
        "9" * 40,
        "\udc00",
        {"id": {"id": 1}},
        [4, 5, 6],
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything within a body."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """Return one of the bodies in another order, with things of the wrong type, left out, or twice."""
    body = json.loads(json.dumps(draw(st.sampled_from(list(BODIES.values())))))
    for path in draw(st.lists(st.sampled_from(list(places(body))), max_size=4)):
        holder: Any = body
        try:
            for key in path[:-1]:
                holder = holder[key]
            if draw(st.booleans()):
                holder[path[-1]] = draw(JUNK)
            else:
                del holder[path[-1]]
        except (LookupError, TypeError):
            continue  # what lay there is gone already
    twice = draw(st.sampled_from(["", "freshdesk_webhook", "ticket", "data", "changes"]))
    more = {**body, twice: body} if twice else body
    return dict(draw(st.permutations(list(more.items()))))
