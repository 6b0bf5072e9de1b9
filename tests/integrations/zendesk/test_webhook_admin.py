"""Setting up Zendesk's webhook over its API, on every plan, and finding what it could not deliver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.emulator import Emulator
from integrations.zendesk.signature import PUBLIC_TEST_KEY, verify
from integrations.zendesk.webhook_admin import EVENTS, FOR_TRIGGERS, PREFIX, ZendeskWebhooks
from kcs.errors import RemoteError
from kcs.ports import Credentials

NAME = "KCS engine (acme)"


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(shapes=())


@pytest.fixture
def admin(credentials: Credentials) -> ZendeskWebhooks:
    return ZendeskWebhooks(ZendeskClient(credentials))


@pytest.fixture
def ours(make_vendor: Callable[..., Any]) -> Any:
    """Our address: keeps what it is sent."""
    return make_vendor({"status": 202})


def test_it_subscribes_to_every_event_and_brings_the_secret(
    admin: ZendeskWebhooks, emulator: Emulator
) -> None:
    made = admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    hook = emulator.webhooks.all[made.id]
    assert (made.kind, made.secret, made.instructions) == ("events", hook.secret, "")
    assert (hook.endpoint, hook.status) == ("https://kcs.example.com/webhooks/acme", "active")
    assert hook.subscriptions == [PREFIX + event for event in EVENTS]


def test_made_again_it_is_the_same_one_and_brought_up_to_date(
    admin: ZendeskWebhooks, emulator: Emulator
) -> None:
    first = admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    hook = emulator.webhooks.all[first.id]
    hook.status, hook.subscriptions = "inactive", [f"{PREFIX}ticket.created", f"{PREFIX}ticket.other"]
    assert admin.install(NAME, "https://kcs.example.com/webhooks/acme") == first
    assert list(emulator.webhooks.all) == [first.id]
    assert hook.status == "active"
    assert {f"{PREFIX}ticket.other", f"{PREFIX}ticket.status_changed"} <= set(hook.subscriptions)


def test_after_a_lost_answer_it_is_found_and_not_made_twice(
    admin: ZendeskWebhooks, emulator: Emulator
) -> None:
    emulator.faults.add("/webhooks", method="POST", status=503, after_effect=True)
    with pytest.raises(RemoteError):
        admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    made = admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    assert list(emulator.webhooks.all) == [made.id]


@pytest.mark.parametrize("refusal", [422, 403])
def test_where_the_plan_has_no_events_a_trigger_calls_it_once_however_often_it_is_made(
    admin: ZendeskWebhooks, emulator: Emulator, refusal: int
) -> None:
    emulator.webhooks.events_allowed = False
    emulator.webhooks.events_refusal = refusal
    made = admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    again = admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    assert made == again
    assert (made.kind, made.instructions) == ("trigger", "")
    assert emulator.webhooks.all[made.id].subscriptions == [FOR_TRIGGERS]
    (trigger,) = emulator.webhooks.triggers.values()
    assert trigger.notified()[0][0] == made.id


def test_where_webhooks_are_refused_the_administrator_is_told_what_to_make(
    admin: ZendeskWebhooks, emulator: Emulator
) -> None:
    emulator.webhooks.allowed = False
    made = admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    assert (made.id, made.secret, made.kind) == ("", None, "manual")
    for words in (
        "https://kcs.example.com/webhooks/acme",
        "signing secret",
        "{{ticket.id}}",
        "not available",
    ):
        assert words in made.instructions


def test_where_only_the_trigger_is_refused_that_is_left_to_do(
    admin: ZendeskWebhooks, emulator: Emulator
) -> None:
    emulator.webhooks.events_allowed = False
    emulator.faults.add("/triggers", method="POST", status=403)
    made = admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    assert made.secret
    assert made.instructions.startswith("Under Objects and rules")


def test_a_desk_that_is_away_is_no_refusal(admin: ZendeskWebhooks, emulator: Emulator) -> None:
    emulator.faults.add("/webhooks", times=9, status=500)
    with pytest.raises(RemoteError) as caught:
        admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    assert not caught.value.permanent


def test_a_test_delivery_is_signed_with_the_webhooks_own_secret(admin: ZendeskWebhooks, ours: Any) -> None:
    made = admin.install(NAME, f"{ours.url}/webhooks/acme")
    assert admin.test(made.id) == "our address answered 202"
    (asked,) = ours.asked
    assert made.secret
    verify(asked.headers, asked.body, [made.secret], datetime.now(UTC), 300)


def test_a_rotated_secret_is_the_one_signed_with_from_then_on(admin: ZendeskWebhooks, ours: Any) -> None:
    made = admin.install(NAME, f"{ours.url}/webhooks/acme")
    secret = admin.rotate(made.id)
    assert secret != made.secret
    admin.test(made.id)
    verify(ours.asked[0].headers, ours.asked[0].body, [secret], datetime.now(UTC), 300)


def test_the_key_that_everybody_knows_is_never_kept(admin: ZendeskWebhooks, emulator: Emulator) -> None:
    made = admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    emulator.webhooks.all[made.id].secret = PUBLIC_TEST_KEY
    with pytest.raises(RemoteError, match="no signing secret of the webhook's own"):
        admin.install(NAME, "https://kcs.example.com/webhooks/acme")


@pytest.mark.parametrize("events_allowed", [True, False])
def test_removed_with_its_trigger_and_again_without_an_error(
    admin: ZendeskWebhooks, emulator: Emulator, events_allowed: bool
) -> None:
    emulator.webhooks.events_allowed = events_allowed
    made = admin.install(NAME, "https://kcs.example.com/webhooks/acme")
    admin.remove(made.id)
    admin.remove(made.id)
    assert not emulator.webhooks.all
    assert not emulator.webhooks.triggers


@pytest.mark.parametrize("events_allowed", [True, False])
def test_what_could_not_be_delivered_names_its_ticket(
    admin: ZendeskWebhooks, emulator: Emulator, ours: Any, events_allowed: bool
) -> None:
    emulator.webhooks.events_allowed = events_allowed
    made = admin.install(NAME, f"{ours.url}/webhooks/acme")
    customer = emulator.add_user("Maria", "maria@example.com", "end-user")
    delivered = emulator.create_ticket(customer, "Delivered", "…")
    emulator.deliver(sleep=lambda _: None)
    ours.answers[:] = [type(ours.answers[0])(status=403)]
    lost = emulator.create_ticket(customer, "Lost", "…")
    emulator.deliver(sleep=lambda _: None)
    since = datetime.now(UTC) - timedelta(hours=1)
    missed = list(admin.missed(made.id, since))
    assert {each.ticket_id for each in missed} == {str(lost.id)}
    assert len({each.id for each in missed}) == len(missed)
    assert str(delivered.id) not in {each.ticket_id for each in missed}
    assert list(admin.missed(made.id, datetime.now(UTC) + timedelta(hours=1))) == []
