"""The client, its limits and refusals, against the emulated account and a server told what to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from integrations.freshdesk import limits
from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import Contact, Ticket
from integrations.freshdesk.refusals import reason_of
from kcs.errors import ConfigError, RemoteError
from kcs.ports import Allowance, Credentials, NoBudget


@dataclass
class Noted(NoBudget):
    """A budget that lets every call pass and notes what it is told."""

    taken: list[str] = field(default_factory=list)
    pauses: list[tuple[str, float]] = field(default_factory=list)
    learnt: list[tuple[str, int]] = field(default_factory=list)

    def take(self, allowances: Sequence[Allowance]) -> None:
        """Note the names."""
        self.taken.append(" ".join(each.name for each in allowances))

    def pause(self, name: str, seconds: float) -> None:
        """Note the pause."""
        self.pauses.append((name, seconds))

    def learn(self, name: str, calls: int) -> None:
        """Note the number."""
        self.learnt.append((name, calls))


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def told(make_vendor: Callable[..., Any], noted: Noted) -> Callable[..., FreshdeskClient]:
    """Return a function that makes a client of a server that gives these answers."""

    def make(*answers: dict[str, Any]) -> FreshdeskClient:
        vendor = make_vendor(*answers)
        base = f"{vendor.url}/api/v2"
        return FreshdeskClient(Credentials("acme", "", "key", api_base=base, budget=noted))

    return make


# Where, and as whom


@pytest.mark.parametrize("domain", ["acme", "a", "acme-2"])
def test_an_account_is_a_name_before_freshdesk_com(domain: str) -> None:
    assert FreshdeskClient(Credentials(domain, "", "key")).site == f"https://{domain}.freshdesk.com"


@pytest.mark.parametrize(
    "domain", ["", "acme.freshdesk.com", "https://acme", "acme/x", "acme@evil.example", "Acme", "-a", "a#"]
)
def test_anything_else_is_no_account(domain: str) -> None:
    with pytest.raises(ConfigError):
        FreshdeskClient(Credentials(domain, "", "key"))


@pytest.mark.parametrize("base", ["https://evil.example/api/v2", "http://acme.freshdesk.com"])
def test_a_stand_in_is_on_this_machine(base: str) -> None:
    with pytest.raises(ConfigError):
        FreshdeskClient(Credentials("acme", "", "key", api_base=base))


@pytest.mark.parametrize("key", ["", "a b", "a:b", "schlüssel", "a\nb"])
def test_what_cannot_be_a_key_is_never_sent(key: str) -> None:
    with pytest.raises(ConfigError):
        FreshdeskClient(Credentials("acme", "", key))


def test_the_key_signs_in_as_its_agent(client: FreshdeskClient, credentials: Credentials) -> None:
    assert client.whoami() == "Desk Admin <admin@acme.example>"
    with pytest.raises(RemoteError, match="does not take our API key") as refused:
        FreshdeskClient(replace(credentials, token="another")).whoami()
    assert refused.value.permanent


# Pages


def test_every_page_is_read_by_its_link(
    client: FreshdeskClient, emulator: Emulator, customer: Contact
) -> None:
    for number in range(205):
        emulator.add_contact(f"C {number}", f"c{number}@home.example")
    assert len(list(client.pages("/contacts"))) == 206
    assert emulator.calls.total("/contacts") == 3


LINKS = {
    "as documented": ('< $URL/api/v2/groups?page=2>; rel="next"', 2),
    "without the space": ('<$URL/api/v2/groups?page=2>;rel="next"', 2),
    "among others": ('<$URL/api/v2/groups?page=1>; rel="prev", <$URL/api/v2/groups?page=2>; rel=next', 2),
    "none": ("", 1),
    "of another kind": ('<$URL/api/v2/groups?page=2>; rel="last"', 1),
}


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_in_any_form_leads_on(make_vendor: Callable[..., Any], kind: str) -> None:
    link, pages = LINKS[kind]
    vendor = make_vendor({"body": b"[1]"})
    vendor.answers[:] = [
        replace(vendor.answers[0], headers={"Link": link.replace("$URL", vendor.url)}),
        vendor.answers[0],
    ]
    client = FreshdeskClient(Credentials("acme", "", "key", api_base=f"{vendor.url}/api/v2"))
    assert list(client.pages("/groups")) == [1] * pages
    assert [asked.path for asked in vendor.asked] == [
        "/api/v2/groups?per_page=100",
        "/api/v2/groups?page=2",
    ][:pages]


def test_a_link_to_another_host_is_not_followed(told: Callable[..., FreshdeskClient]) -> None:
    client = told({"body": b"[1]", "headers": {"Link": '<https://evil.example/api/v2/groups>; rel="next"'}})
    with pytest.raises(RemoteError, match="leaves 127"):
        list(client.pages("/groups"))


@pytest.mark.parametrize("body", [b"{}", b"nothing", b'"text"', b""])
def test_what_is_no_list_is_a_fault_for_a_while(told: Callable[..., FreshdeskClient], body: bytes) -> None:
    with pytest.raises(RemoteError) as wrong:
        told({"body": body}).rows("/groups")
    assert not wrong.value.permanent


# The budget


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("GET", "/tickets/5", ["api"]),
        ("GET", "/tickets/5/conversations", ["api"]),
        ("GET", "/tickets", ["api", "ticket_list"]),
        ("GET", "/contacts", ["api", "contact_list"]),
        ("POST", "/tickets", ["api", "ticket_create"]),
        ("PUT", "/tickets/5", ["api", "ticket_update"]),
        ("POST", "/tickets/5/notes", ["api"]),
        ("GET", "/agents", ["api"]),
    ],
)
def test_a_call_counts_under_the_account_and_what_is_narrower(
    method: str, path: str, names: list[str]
) -> None:
    assert [each.name for each in limits.allowances(method, path)] == names


@pytest.mark.parametrize(
    ("total", "ours"),
    [
        *[("50", 37), ("200", 150), ("400", 300), ("700", 525), ("1", 1), (" 400 ", 300)],
        *[("700.0", 525), ("40.0", 30)],  # as accounts write it
        *[("3000", 37), ("5000", 62)],  # by the hour
        *[
            ("", None),
            ("0", None),
            ("-5", None),
            ("many", None),
            ("1e2", None),
            ("9999999999", None),
            ("100001", None),
        ],
    ],
)
def test_of_what_the_account_may_a_share_is_left_to_the_desks_own_webhooks(
    total: str, ours: int | None
) -> None:
    assert limits.allowed({"x-ratelimit-total": total}) == ours


def test_until_told_otherwise_the_smallest_plan_is_assumed() -> None:
    assert limits.ACCOUNT.calls == 30
    assert {each.name: each.calls for _, _, each in limits.NARROWER} == {
        "ticket_list": 15,
        "contact_list": 15,
        "ticket_create": 60,
        "ticket_update": 60,
    }


def test_what_is_included_is_counted_and_the_plan_learnt(
    credentials: Credentials, emulator: Emulator, ticket: Ticket, noted: Noted
) -> None:
    emulator.limits.on("pro")
    client = FreshdeskClient(replace(credentials, budget=noted))
    client.get("/tickets/1", {"include": "requester,stats"})
    assert noted.taken == ["api"] * 3
    client.rows("/tickets", {"include": "stats"})
    assert noted.taken[3:] == ["api", "api", "api ticket_list"]
    assert set(noted.learnt) == {("api", 300)}
    assert emulator.limits.windows.peaks["calls"] == len(noted.taken)


@pytest.mark.parametrize(
    ("left", "pauses"), [("20", 0), ("19", 1), ("19.0", 1), ("0.0", 1), ("0", 1), ("", 0), ("odd", 0)]
)
def test_a_minute_that_runs_low_is_left_to_the_others(
    told: Callable[..., FreshdeskClient], noted: Noted, left: str, pauses: int
) -> None:
    told({"headers": {"X-RateLimit-Total": "200", "X-RateLimit-Remaining": left}}).get("/agents/me")
    assert noted.pauses == [("api", limits.RESERVE_PAUSE)] * pauses


@pytest.mark.parametrize(("left", "name"), [("0", "api"), ("70", "ticket_list"), ("", "ticket_list")])
def test_a_refusal_pauses_what_is_used_up_for_as_long_as_it_says(
    told: Callable[..., FreshdeskClient], noted: Noted, left: str, name: str
) -> None:
    client = told({"status": 429, "headers": {"Retry-After": "42", "X-RateLimit-Remaining": left}})
    with pytest.raises(RemoteError) as busy:
        client.rows("/tickets")
    assert (busy.value.permanent, busy.value.retry_after) == (False, 42.0)
    assert noted.pauses == [(name, 42.0)]


# Refusals in words

INVALID = {"description": "Validation failed"}
REFUSALS: dict[str, tuple[int, object, str]] = {
    "a wrong key": (401, {"code": "invalid_credentials"}, "not, or no longer, that of an agent"),
    "a right": (403, {"code": "access_denied", "message": "Not you"}, "lacks the right"),
    "a feature": (403, {"code": "require_feature"}, "The plan of this account does not have it"),
    "a suspended account": (403, {"code": "account_suspended"}, "its owner has to see to that"),
    "a lockout": (403, {"code": "password_lockout"}, "locked out for a while"),
    "no https": (400, {"code": "ssl_required"}, "by https alone"),
    "an unknown field": (
        400,
        {**INVALID, "errors": [{"field": "cf_x", "message": "Unexpected", "code": "invalid_field"}]},
        "'cf_x' is no field of this account.",
    ),
    "two fields": (
        400,
        {
            **INVALID,
            "errors": [
                {"field": "cf_a", "message": "blank", "code": "missing_field"},
                {"field": "type", "message": "It should be one of", "code": "invalid_value"},
            ],
        },
        "'cf_a' is required there, and empty. 'type' does not take this value.",
    ),
    "a code nobody knows": (400, {"description": "Strange", "errors": [{"code": "new"}]}, "It says: Strange"),
    "a ticket in the bin": (405, {"message": "PUT method is not allowed."}, "spam or deleted"),
    "nothing there": (404, None, "the account's name is not right"),
    "no reason": (400, None, "Freshdesk answered 400"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_says_what_is_wrong(told: Callable[..., FreshdeskClient], kind: str) -> None:
    status, content, words = REFUSALS[kind]
    body = b"" if content is None else json.dumps(content).encode()
    with pytest.raises(RemoteError) as refused:
        told({"status": status, "body": body}).put("/tickets/1", {})
    assert words in refused.value.message
    assert (refused.value.permanent, refused.value.answered) == (True, status)
    assert refused.value.missing is (status == 404)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b'{"errors": 5}', b'{"errors": [1, {"code": ["x"]}, {"code": "missing_field"}]}'],
)
def test_a_refusal_of_any_shape_can_be_read(body: bytes) -> None:
    assert reason_of(body) == ""


def test_a_fields_name_is_shown_tidied_and_its_value_never() -> None:
    row = {"field": "cf_\u202e\n<b>" + "x" * 200, "message": "secret 4711", "code": "invalid_value"}
    said = reason_of(json.dumps({"errors": [row]}).encode())
    assert said == f"'cf_??<b>{'x' * 72}' does not take this value."
