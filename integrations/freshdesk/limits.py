"""How many calls Freshdesk allows: by account and minute, and for some calls besides.

[Rate limits] of the REST documentation. Until an answer has told the account's number, the smallest plan's is
assumed. What a plan allows for lists and changes besides is told by no header: the smallest plan's stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from integrations.terms import Terms
from kcs.ports import Allowance

# The desk's own automations, and so the webhooks that tell us of changes, spend the same calls. When none are
# left a webhook waits, and after a day it is dropped: so much of everything is never ours.
HEAD_ROOM = 0.25
# Others use the account too. When less than this share is left of a minute we stop until more is there.
RESERVE = 0.1
RESERVE_PAUSE = 5.0  # seconds

SMALLEST_PLAN = 40  # documented is a trial's 50; accounts were seen that are told 40
LARGEST_PLAN = 700
LARGEST_HOURLY = 100_000  # older accounts count by the hour; any number over a minute's largest is one


def ours(calls: int) -> int:
    """Return how many of the account's calls we make at most: what is left of them beside the head-room."""
    return max(1, int(calls * (1 - HEAD_ROOM)))


ACCOUNT = Allowance("api", ours(SMALLEST_PLAN))
# Method, path below /api/v2, and what such a call counts under besides the account (on the smallest plan).
NARROWER: tuple[tuple[str, re.Pattern[str], Allowance], ...] = (
    ("GET", re.compile(r"/tickets"), Allowance("ticket_list", ours(20))),
    ("GET", re.compile(r"/contacts"), Allowance("contact_list", ours(20))),
    ("POST", re.compile(r"/tickets"), Allowance("ticket_create", ours(80))),
    ("PUT", re.compile(r"/tickets/[0-9]+"), Allowance("ticket_update", ours(80))),
)
# What each `include` costs beside the call itself: in a list, and of one thing.
LISTED_INCLUDE, SINGLE_INCLUDE = 2, 1
LISTS = frozenset({"/tickets", "/contacts"})

TOTAL, LEFT = "x-ratelimit-total", "x-ratelimit-remaining"


def allowances(method: str, path: str) -> Sequence[Allowance]:
    """Return what a call counts under: the account, then what is narrower."""
    return (ACCOUNT, *(each for verb, where, each in NARROWER if verb == method and where.fullmatch(path)))


def surcharge(path: str, include: str) -> int:
    """Return how many calls what is included counts as, beside the call itself."""
    kinds = len([each for each in include.split(",") if each])
    return kinds * (LISTED_INCLUDE if path in LISTS else SINGLE_INCLUDE)


def allowed(headers: Mapping[str, str]) -> int | None:
    """Return how many calls a minute we may make, from what an answer says the account may."""
    total = _number(headers, TOTAL)
    if total is None or not 0 < total <= LARGEST_HOURLY:
        return None
    return ours(total if total <= LARGEST_PLAN else total // 60)


def exhausted(headers: Mapping[str, str], names: Sequence[Allowance]) -> str:
    """Return which limit a 429 means: the account's when nothing is left of it, else the narrowest."""
    return names[0 if _number(headers, LEFT) == 0 else -1].name


def runs_low(headers: Mapping[str, str]) -> bool:
    """True when an answer says that of the account's calls only the reserve is left."""
    total, left = _number(headers, TOTAL), _number(headers, LEFT)
    return total is not None and left is not None and left < total * RESERVE


def _number(headers: Mapping[str, str], name: str) -> int | None:
    """Return a header's number; accounts write it whole or with a fraction, as in `700.0`."""
    found = re.fullmatch(r"([0-9]{1,9})(?:\.[0-9]{1,9})?", headers.get(name, "").strip(), re.ASCII)
    return int(found[1]) if found else None


TERMS = Terms(allowances, allowed, exhausted)
