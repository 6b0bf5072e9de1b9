"""How many calls Zendesk allows: by account, and for some calls besides.

[Rate limits] at developer.zendesk.com: the account's number a minute depends on its plan and stands in the
headers of every answer; Help Center's is counted apart. Until an answer has told it, the smallest is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from integrations.terms import Terms
from kcs.ports import Allowance

SMALLEST_PLAN = 200
LARGEST_PLAN = 100_000
TEN_MINUTES = 600
SITE = re.compile(r"/help_center/|/guide/")

API = Allowance("api", SMALLEST_PLAN)
HELP_CENTER = Allowance("help_center", SMALLEST_PLAN)
TICKET_UPDATES = Allowance("ticket_updates", 100)
# Method, path below /api/v2, and what such a call counts under besides the account.
NARROWER: tuple[tuple[str, re.Pattern[str], Allowance], ...] = (
    ("GET", re.compile(r"/incremental/"), Allowance("incremental", 10)),
    ("PUT", re.compile(r"/tickets/[0-9]+(/tags)?(\.json)?"), TICKET_UPDATES),
    ("POST", re.compile(r"/tickets/[0-9]+/tags(\.json)?"), TICKET_UPDATES),
    ("DELETE", re.compile(r"/tickets/[0-9]+/tags(\.json)?"), TICKET_UPDATES),
    ("", re.compile(r"/webhooks"), Allowance("webhooks", 100)),
    ("POST", re.compile(r"/webhooks/test"), Allowance("webhook_tests", 20)),
)
TICKET = re.compile(r"/tickets/([0-9]+)")
SAME_TICKET_CALLS = 30

PLAN_HEADERS = ("x-rate-limit", "ratelimit-limit", "rate-limit-limit", "rate-limit")
LEFT_HEADERS = ("x-rate-limit-remaining", "ratelimit-remaining", "rate-limit-remaining")


def allowances(method: str, path: str) -> Sequence[Allowance]:
    """Return what a call counts under: the account or its Help Center, then what is narrower."""
    narrower = [each for verb, where, each in NARROWER if verb in ("", method) and where.match(path)]
    if TICKET_UPDATES in narrower and (ticket := TICKET.match(path)):
        narrower.append(Allowance(f"ticket_update:{ticket[1]}", SAME_TICKET_CALLS, TEN_MINUTES))
    return (HELP_CENTER if SITE.match(path) else API, *narrower)


def allowed(headers: Mapping[str, str]) -> int | None:
    """Return how many calls a minute the plan allows, as an answer's headers say in one of several ways."""
    number = _first_number(headers, PLAN_HEADERS)
    return number if number is not None and 0 < number <= LARGEST_PLAN else None


def exhausted(headers: Mapping[str, str], names: Sequence[Allowance]) -> str:
    """Return which limit a 429 means: the account's when nothing is left of it, else the narrowest."""
    return names[0 if _first_number(headers, LEFT_HEADERS) == 0 else -1].name


def _first_number(headers: Mapping[str, str], names: Sequence[str]) -> int | None:
    """Return the number at the beginning of the first header that begins with one."""
    found = (re.match(r"[0-9]{1,9}(?![0-9])", headers.get(name, "").strip()) for name in names)
    return next((int(number[0]) for number in found if number), None)


TERMS = Terms(allowances, allowed, exhausted, warning="x-zendesk-api-warn")
