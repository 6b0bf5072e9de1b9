"""The rules of Freshdesk: what an administrator is told is what our address accepts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from integrations.freshdesk.deliveries import read_delivery
from integrations.freshdesk.emulator.rules import RECOMMENDED
from integrations.freshdesk.secret import verify
from integrations.freshdesk.webhook_admin import BODY, FreshdeskWebhooks
from kcs.errors import RemoteError
from kcs.ports import Webhook

ENDPOINT = "https://kcs.example.org/webhooks/acme"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def made() -> Webhook:
    return FreshdeskWebhooks().install("KCS engine (acme)", ENDPOINT)


def test_everything_that_is_pasted_is_there_once_and_in_order(made: Webhook) -> None:
    pasted = [step.paste for step in made.steps if step.paste]
    assert pasted == ["KCS engine (acme)", ENDPOINT, "X-KCS-Secret", BODY]
    assert [step.is_secret for step in made.steps].count(True) == 1
    assert (made.id, made.kind) == ("", "rules")
    assert made.secret
    assert all(made.secret not in step.words + step.paste for step in made.steps)


def test_what_the_rules_send_is_accepted_and_names_the_ticket(made: Webhook) -> None:
    header = next(step.paste for step in made.steps if step.paste.startswith("X-"))
    assert made.secret
    verify({header: made.secret}, b"", [made.secret], NOW, 300)
    filled = BODY.replace("{{ticket.id}}", "4711").replace("{{triggered_event}}", "{status:{from:2,to:4}}")
    assert read_delivery({}, json.loads(filled)).ticket_id == "4711"
    assert json.loads(BODY) == json.loads(RECOMMENDED), (
        "the stand-in's rule is the one we tell people to make"
    )


def test_each_secret_is_new_long_and_fit_for_a_header() -> None:
    webhooks = FreshdeskWebhooks()
    secrets = {webhooks.rotate("") for _ in range(50)}
    assert len(secrets) == 50
    for secret in secrets:
        assert len(secret) >= 40
        assert secret.replace("-", "").replace("_", "").isalnum()
        assert secret.isascii()


def test_nothing_can_be_asked_of_the_desk() -> None:
    webhooks = FreshdeskWebhooks()
    with pytest.raises(RemoteError, match="change a ticket there") as refused:
        webhooks.test("")
    assert refused.value.permanent
    webhooks.remove("")
    assert list(webhooks.missed("", NOW)) == []
