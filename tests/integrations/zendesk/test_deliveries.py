"""What is read from a webhook's body: which delivery, which event, which ticket."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zendesk.provider import ZendeskProvider
from kcs.errors import BadRequest, KcsError
from kcs.ports import VerifiedDelivery

INVOCATION = "01J8Z3V6W3K8Q2T9N5R7X4Y1AB"
HEADERS = {"X-Zendesk-Webhook-Invocation-Id": INVOCATION}


def read(payload: object, headers: dict[str, str] | None = None) -> VerifiedDelivery:
    assert isinstance(payload, dict)
    return ZendeskProvider().read_delivery(HEADERS if headers is None else headers, payload)


def envelope(**changed: object) -> dict[str, object]:
    return {
        "type": "zen:event-type:ticket.status_changed",
        "account_id": 22129848,
        "id": "2b24ef10-19ae-4a4e-9dc5-0e2cc1f2f8c7",
        "time": "2026-02-03T04:05:06.123456789Z",
        "zendesk_event_version": "2022-11-06",
        "subject": "zen:ticket:5158",
        "detail": {"id": "5158", "status": "SOLVED", "actor_id": "8447388090494"},
        "event": {"current": "SOLVED", "previous": "OPEN"},
        **changed,
    }


def trigger(**changed: object) -> dict[str, object]:
    return {
        "ticket_id": "5158",
        "status": "Solved",
        "updated_at": "2026-02-03T04:05:06Z",
        "current_user_id": "8447388090494",
        **changed,
    }


def test_an_envelope_names_delivery_event_ticket_and_time() -> None:
    assert read(envelope()) == VerifiedDelivery(
        delivery_id=INVOCATION,
        event_key="2b24ef10-19ae-4a4e-9dc5-0e2cc1f2f8c7",
        kind="ticket.status_changed",
        ticket_id="5158",
        happened_at=datetime(2026, 2, 3, 4, 5, 6, 123456, tzinfo=UTC),
    )


def test_a_trigger_body_names_delivery_ticket_and_time() -> None:
    seen = read(trigger())
    assert (seen.delivery_id, seen.kind, seen.ticket_id) == (INVOCATION, "ticket.updated", "5158")
    assert seen.happened_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "ticket_id"),
    [
        ("5158", "5158"),
        (5158, "5158"),
        ("0005158", "5158"),
        (" 5158 ", "5158"),
        ("9223372036854775807", "9223372036854775807"),
        (0, None),
        ("0", None),
        (-1, None),
        ("-1", None),
        ("", None),
        (None, None),
        (True, None),
        (5158.0, None),
        ("5158.0", None),
        ("5158/../users", None),
        ("\u0665\u0661", None),
        ("{{ticket.id}}", None),
        ("9" * 20, None),
        pytest.param(10**5000, None, id="huge"),
        (["5158"], None),
        ({"id": 5158}, None),
    ],
)
def test_a_ticket_id_is_digits_or_a_positive_number(value: object, ticket_id: str | None) -> None:
    assert read(trigger(ticket_id=value)).ticket_id == ticket_id
    assert read(envelope(detail={"id": value}, subject=None)).ticket_id == ticket_id


@pytest.mark.parametrize(
    ("changed", "ticket_id"),
    [
        ({"detail": {}}, "5158"),
        ({"detail": None}, "5158"),
        ({"detail": [1]}, "5158"),
        ({"detail": {"id": "7"}}, "7"),
        ({"detail": {}, "subject": "zen:article:7"}, None),
        ({"detail": {}, "subject": 7}, None),
        ({"detail": {}, "subject": "zen:ticket:"}, None),
    ],
)
def test_the_subject_stands_in_for_a_missing_detail(
    changed: dict[str, object], ticket_id: str | None
) -> None:
    assert read(envelope(**changed)).ticket_id == ticket_id


@pytest.mark.parametrize(
    ("stated", "kind", "ticket_id"),
    [
        ("zen:event-type:ticket.created", "ticket.created", "5158"),
        ("zen:event-type:ticket.comment_added", "ticket.comment_added", "5158"),
        ("zen:event-type:ticket.invented_tomorrow", "ticket.invented_tomorrow", "5158"),
        ("zen:event-type:article.published", "article.published", None),
        ("zen:event-type:user.created", "user.created", None),
        ("zen:event-type:ticketing.x", "ticketing.x", None),
        ("zen:event-type:", "", None),
        ("conversation:message", "conversation:message", None),
        ("odd\u0000 kind\ud800", "odd??kind?", None),
        ("x" * 500, "x" * 100, None),
        ("", "unknown", None),
        (7, "unknown", None),
        (None, "unknown", None),
    ],
)
def test_an_unknown_event_is_kept_and_names_no_ticket(
    stated: object, kind: str, ticket_id: str | None
) -> None:
    seen = read(envelope(type=stated))
    assert (seen.kind, seen.ticket_id) == (kind, ticket_id)


def test_an_empty_body_is_kept() -> None:
    assert read({}) == VerifiedDelivery(INVOCATION, None, "unknown", None, None)


def test_a_tickets_own_type_does_not_hide_a_trigger_body() -> None:
    assert read(trigger(type="incident")).kind == "ticket.updated"


@pytest.mark.parametrize(
    ("event_id", "key"),
    [
        ("abc", "abc"),
        (12, "12"),
        (None, None),
        ("", None),
        ("x" * 201, None),
        ("a b", None),
        (True, None),
        pytest.param(10**5000, None, id="huge"),
    ],
)
def test_an_event_key_is_kept_whole_or_not_at_all(event_id: object, key: str | None) -> None:
    assert read(envelope(id=event_id)).event_key == key


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (trigger(current_user_id="1"), True),
        (trigger(ticket_id=5158), True),
        (trigger(ticket_id="5159"), False),
        (trigger(updated_at="2026-02-03T04:05:07Z"), False),
        (trigger(status="Open"), False),
    ],
)
def test_a_triggers_event_is_its_ticket_time_and_status(other: dict[str, object], same: bool) -> None:
    assert (read(trigger()).event_key == read(other).event_key) is same


@pytest.mark.parametrize("changed", [{"updated_at": ""}, {"updated_at": None}, {"ticket_id": "none"}])
def test_a_trigger_that_hides_what_it_is_has_no_event_key(changed: dict[str, object]) -> None:
    assert read(trigger(**changed)).event_key is None


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-02-03T04:05:06",
        "0001-01-01T00:00:00+23:59",
        "2026-13-01T00:00:00Z",
        "\u0662",
        "",
        7,
        None,
    ],
)
def test_an_unreadable_time_is_no_time(text: object) -> None:
    assert read(envelope(time=text)).happened_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Zendesk-Webhook-Invocation-Id": ""},
        {"X-Zendesk-Webhook-Invocation-Id": "a b"},
        {"X-Zendesk-Webhook-Invocation-Id": "ÿ"},
        {"X-Zendesk-Webhook-Invocation-Id": "x" * 201},
    ],
)
def test_a_delivery_without_a_readable_invocation_is_a_bad_request(headers: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match="X-Zendesk-Webhook-Invocation-Id"):
        read(envelope(), headers)


def test_the_invocation_is_opaque_and_its_headers_case_does_not_matter() -> None:
    assert read(envelope(), {"x-zendesk-webhook-invocation-id": "12345"}).delivery_id == "12345"


TEXT = st.text() | st.sampled_from(
    ["zen:event-type:ticket.created", "zen:ticket:5", "5", "2026-01-01T00:00:00Z"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["type", "id", "time", "subject", "detail", "ticket_id", "status", "updated_at"])


@given(
    st.dictionaries(st.sampled_from([*HEADERS, "Host"]), st.sampled_from([INVOCATION]) | st.text()),
    st.dictionaries(KEYS | TEXT, JSON),
)
def test_arbitrary_json_is_read_or_refused_and_never_crashes(
    headers: dict[str, str], payload: dict[str, object]
) -> None:
    try:
        seen = read(payload, headers)
    except KcsError:
        return
    assert seen.ticket_id is None or seen.ticket_id.isdigit()
    assert seen.kind.isascii()
    assert len(seen.kind) <= 100
