"""What is read of webhooks and app events: the ticket's number, and who changed its status."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.freshdesk.deliveries import read_delivery
from kcs.ports import AuthorKind, DeskStatus, DeskUser, HeardChange
from tests.integrations.freshdesk.bodies import (
    ACTOR,
    BODIES,
    ENVELOPE,
    JUNK,
    OLD_SAMPLE,
    OURS,
    TICKET,
    spoilt,
)

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ANN = DeskUser("901", AuthorKind.AGENT, "Ann Agent", "ann@acme.example")

# The ticket


@pytest.mark.parametrize("name", BODIES)
def test_every_shape_names_its_ticket(name: str) -> None:
    assert read_delivery({}, BODIES[name]).ticket_id == TICKET


NO_TICKET: dict[str, Any] = {
    "nothing": {},
    "another thing": {"id": 4711, "subject": "x"},
    "no number": {"ticket_id": "INC-4711"},
    "zero": {"ticket_id": 0},
    "negative": {"ticket_id": "-4711"},
    "a fraction": {"ticket_id": 4711.0},
    "true": {"ticket_id": True},
    "a list": {"ticket_id": [4711]},
    "too long": {"ticket_id": "9" * 30},
    "a placeholder nobody filled": {"ticket_id": "{{ticket.id}}"},
    "two that differ": {"ticket_id": "1", "ticket": {"id": "2"}},
    "one that can be read and one that cannot": {"ticket_id": "1", "ticket": {"id": "x"}},
    "an article": {
        "event": "onArticleUpdate",
        "timestamp": 1772355600000,
        "data": {"article": {"id": 501}, "actor": ACTOR},
    },
}


@pytest.mark.parametrize("name", NO_TICKET)
def test_what_names_no_ticket_or_two_is_kept_without_one(name: str) -> None:
    read = read_delivery({}, NO_TICKET[name])
    assert (read.ticket_id, read.heard, read.event_key) == (None, None, None)
    assert read.delivery_id


def test_an_article_that_changed_is_named() -> None:
    assert read_delivery({}, NO_TICKET["an article"]).article_id == "501"
    told = {
        "source": "freshdesk-app",
        "event": "onArticleUpdate",
        "article_id": "501",
        "timestamp": 1772355600000,
    }
    assert read_delivery({}, told).article_id == "501"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"ticket_id": 1, "event": "{status:{from:2,to:4}}"}, "{status:{from:2,to:4}}"),
        (BODIES["the wrapper, a note"], "{note_type:private}"),
        ({"ticket_id": 1}, "rule"),
        ({}, "unknown"),
        ({"event": 5}, "unknown"),
        ({"event": "é\n" + "x" * 200}, "??" + "x" * 98),
        (OURS, "onTicketUpdate"),
        ({**OURS, "event": None}, "unknown"),
    ],
)
def test_the_kind_is_what_the_rule_or_the_app_calls_it(body: dict[str, Any], kind: str) -> None:
    assert read_delivery({}, body).kind == kind


# Who changed the status


HEARD: dict[str, tuple[dict[str, Any], HeardChange | None]] = {
    "our app": (OURS, HeardChange(AT, ANN, DeskStatus.OPEN, DeskStatus.SOLVED)),
    "the envelope": (
        ENVELOPE,
        HeardChange(AT.replace(microsecond=125000), ANN, DeskStatus.OPEN, DeskStatus.SOLVED),
    ),
    "labels, and no actor": (
        OLD_SAMPLE,
        HeardChange(AT, DeskUser("system", AuthorKind.SYSTEM, ""), DeskStatus.OPEN, DeskStatus.SOLVED),
    ),
    "a customer": (
        {**OURS, "changes": {"status": ["4", "2"]}, "actor": {**ACTOR, "type": "contact"}},
        HeardChange(
            AT,
            DeskUser("901", AuthorKind.REQUESTER, "Ann Agent", "ann@acme.example"),
            DeskStatus.SOLVED,
            DeskStatus.OPEN,
        ),
    ),
    "a rule": (
        {**OURS, "actor": {"id": None, "name": "System", "type": "system"}},
        HeardChange(AT, DeskUser("system", AuthorKind.SYSTEM, ""), DeskStatus.OPEN, DeskStatus.SOLVED),
    ),
    "a status of the account's own": (
        {**OURS, "changes": {"status": [6, 5]}},
        HeardChange(AT, ANN, DeskStatus.HOLD, DeskStatus.CLOSED),
    ),
    "a label of its own before": (
        {**OURS, "changes": {"status": ["Esperando", "Closed"]}},
        HeardChange(AT, ANN, None, DeskStatus.CLOSED),
    ),
    "a label of its own after": ({**OURS, "changes": {"status": ["Open", "Esperando"]}}, None),
    "no change of the status": ({**OURS, "changes": {"priority": [1, 2]}}, None),
    "none that we tell apart": ({**OURS, "changes": {"status": [6, 7]}}, None),
    "half a change": ({**OURS, "changes": {"status": [4]}}, None),
    "no pair": ({**OURS, "changes": {"status": "4"}}, None),
    "no time": ({**OURS, "timestamp": None}, None),
    "a time of another age": ({**OURS, "timestamp": "1970-01-01T00:00:00Z"}, None),
    "a ticket that cannot be read": ({**OURS, "ticket_id": "x"}, None),
    "a rule's words": ({**BODIES["our template"]}, None),
}


@pytest.mark.parametrize("name", HEARD)
def test_who_changed_the_status_and_when_is_heard_from_app_events_alone(name: str) -> None:
    body, heard = HEARD[name]
    assert read_delivery({}, body).heard == heard


RIGHT: tuple[object, ...] = (
    *(1772355600, 1772355600000, "1772355600", "1772355600000", 1772355600.0),
    *("2026-03-01T09:00:00Z", "2026-03-01T10:00:00+01:00"),
)
WRONG: tuple[object, ...] = (
    *(0, -1, 1e40, "inf", "nan", "", "soon", True, None, [], {}, 10**400, "9" * 400),
    *("2026-03-01T09:00:00", "2200-01-01T00:00:00Z"),
)


@pytest.mark.parametrize(
    ("timestamp", "at"), [*((value, AT) for value in RIGHT), *((value, None) for value in WRONG)]
)
def test_a_time_comes_in_several_ways(timestamp: object, at: datetime | None) -> None:
    assert read_delivery({}, {**OURS, "timestamp": timestamp}).happened_at == at


# What is one, and what is two


def test_each_delivery_of_a_rule_is_one_and_the_same_words_share_a_key() -> None:
    body = BODIES["our template"]
    first, second = read_delivery({}, body), read_delivery({}, dict(reversed(body.items())))
    other = read_delivery({}, {**body, "status": "Open"})
    assert first.delivery_id != second.delivery_id
    assert first.event_key == second.event_key != other.event_key


def test_the_same_event_of_the_app_is_one_and_another_is_not() -> None:
    first = read_delivery({}, OURS)
    assert read_delivery({}, json.loads(json.dumps(OURS))) == first
    others: dict[str, object] = {
        "ticket_id": 4712,
        "timestamp": OURS["timestamp"] + 1,
        "changes": {"status": [4, 2]},
        "event": "onTicketDelete",
        "actor": {**ACTOR, "id": 902},
    }
    for name, value in others.items():
        assert read_delivery({}, {**OURS, name: value}).delivery_id != first.delivery_id
    assert read_delivery({}, {**OURS, "timestamp": None}).delivery_id != first.delivery_id


# Anything at all


@given(spoilt())
def test_whatever_comes_is_read_and_never_another_ticket(body: dict[str, Any]) -> None:
    read = read_delivery({}, body)
    assert read.ticket_id in (None, TICKET)
    assert read.delivery_id.isascii()
    assert read.kind.isascii()
    if read.heard is not None:
        assert read.ticket_id == TICKET
        assert read.heard.after in DeskStatus


@given(st.dictionaries(st.text(max_size=8), st.recursive(JUNK, lambda inner: st.lists(inner, max_size=3))))
def test_a_body_of_any_kind_is_kept(body: dict[str, Any]) -> None:
    assert read_delivery({}, body).ticket_id is None
