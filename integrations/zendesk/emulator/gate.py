"""Who may call the emulated API: credentials, scopes and roles.

A name in brackets is the part of developer.zendesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from integrations.zendesk.emulator.http import ApiError, signed_in_address
from integrations.zendesk.emulator.oauth import TokenPair
from integrations.zendesk.emulator.records import User

if TYPE_CHECKING:
    from integrations.zendesk.emulator import Emulator

# What a scope is named after, by the first part of the path; all else needs the global scope [OAuth tokens].
RESOURCES = {
    "tickets": "tickets",
    "deleted_tickets": "tickets",
    "users": "users",
    "organizations": "organizations",
    "help_center": "hc",
    "guide": "hc",
    "webhooks": "webhooks",
    "triggers": "triggers",
}
GLOBAL_ONLY = re.compile(r"/api/v2/tickets/\d+/audits$")  # [Ticket Audits: needs the global read scope]
OWN_TOKEN = re.compile(r"/api/v2/oauth/tokens/current$")
OPEN = re.compile(r"^/(oauth|hc)/")
ADMINS = re.compile(r"/api/v2/(incremental|webhooks|triggers)\b")  # [Incremental Exports, Webhooks, Triggers]
ADMINS_TO_WRITE = re.compile(r"/api/v2/(ticket_fields|users|groups|custom_statuses)\b")
ANYBODY = re.compile(r"/api/v2/(users/me$|help_center/|guide/|oauth/)")


@dataclass(frozen=True)
class Caller:
    """Who calls: with a pair of tokens its scopes count, without one everything is allowed."""

    user: User
    pair: TokenPair | None = None


def caller_of(emulator: Emulator) -> Caller | None:
    """Return who the credentials belong to; None when they are wrong, or the person may not sign in."""
    address = signed_in_address(emulator.token)
    if address is not None:
        user = emulator.admin if address == "" else emulator.desk.user_by_email(address)
        return Caller(user) if user is not None and _may_sign_in(user) else None
    pair = emulator.oauth.pair(request.headers.get("Authorization", "").removeprefix("Bearer "))
    holder = emulator.desk.users.get(pair.user_id) if pair else None
    return Caller(holder, pair) if holder is not None and _may_sign_in(holder) else None


def check(caller: Caller | None) -> None:
    """Let the call through or raise ApiError: 401 without sign-in, 403 without scope or role."""
    if caller is None:
        if request.headers.get("Authorization", "").startswith("Bearer "):
            raise ApiError(
                401, "invalid_token", "The access token provided is expired, revoked or otherwise invalid."
            )
        raise ApiError(401, "Couldn't authenticate you", "Invalid credentials")
    _check_scope(caller)
    _check_role(caller.user)


def _check_scope(caller: Caller) -> None:
    """A call without its scope is forbidden [OAuth tokens: Scopes]; the sentence is unsure."""
    if caller.pair is None or OWN_TOKEN.search(request.path):
        return
    verb = "read" if request.method in ("GET", "HEAD") else "write"
    resource = RESOURCES.get(request.path.removeprefix("/api/v2/").split("/")[0])
    enough = {verb}
    if resource and not GLOBAL_ONLY.search(request.path):
        enough.add(f"{resource}:{verb}")
    if not enough & caller.pair.scopes:
        raise ApiError(403, "Forbidden", f"You are missing the following required scopes: {verb}")


def _check_role(user: User) -> None:
    """Customers use the Help Center only, some parts are for administrators [recorded]."""
    path, writes = request.path, request.method not in ("GET", "HEAD")
    admins_only = ADMINS.search(path) or (writes and ADMINS_TO_WRITE.search(path))
    if ANYBODY.search(path) or user.role == "admin" or (user.staff and not admins_only):
        return
    sentence = "You do not have access to this page. Please contact the account owner of this help desk."
    raise ApiError(403, {"title": "Forbidden", "message": sentence}, sentence)


def _may_sign_in(user: User) -> bool:
    return user.active and not user.suspended
