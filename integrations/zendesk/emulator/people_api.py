"""The emulated REST API: people, their roles, groups and memberships.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.zendesk.emulator.api import ids_asked
from integrations.zendesk.emulator.http import cursor_page, not_found, offset_page, sent, warn
from integrations.zendesk.emulator.records import BOT_ROLE, LIGHT_AGENT_ROLE, Group, User, stamp

WRITABLE = ("name", "phone", "details", "locale", "suspended", "role", "user_fields", "organization_id")
ROLE_NAMES = {LIGHT_AGENT_ROLE: "Light agent", BOT_ROLE: "Bot"}
TICKETING_PAGE = 100

api = Blueprint("people", __name__, url_prefix="/api/v2")


@api.get("/users")
def list_users() -> Response:
    """Filtered by `role` or `role[]`, those who left are not shown [Users: List Users]."""
    roles = request.args.getlist("role[]") or request.args.getlist("role")
    shown = [u.as_json() for u in list(g.desk.users.values()) if u.active and (not roles or u.role in roles)]
    return answer(_page("users", shown))


@api.get("/users/me")
def show_me() -> Response:
    return answer({"user": {**g.user.as_json(), "authenticity_token": "never-log-this"}})


@api.get("/users/show_many")
def show_users() -> Response:
    """Unknown ids are left out; over a hundred is too many [Users: Show Many Users]."""
    known = [g.desk.users.get(number) for number in ids_asked()]
    users = [user.as_json() for user in known if user is not None]
    return answer({"users": users, "next_page": None, "previous_page": None, "count": len(users)})


@api.get("/users/<int:user_id>")
def show_user(user_id: int) -> Response:
    return answer({"user": _user(user_id).as_json()})


@api.put("/users/<int:user_id>")
def change_user(user_id: int) -> Response:
    user, content = _user(user_id), sent("user")
    warn("users", "update", [f"user.{key}" for key in content if key not in WRITABLE])
    values = {key: content[key] for key in WRITABLE if key in content}
    g.desk.change_user(user, **values, updated_at=g.now)
    return answer({"user": user.as_json()})


@api.delete("/users/<int:user_id>")
def delete_user(user_id: int) -> Response:
    """Deactivates: the record stays, no longer active [Users: Delete User]."""
    user = _user(user_id)
    g.desk.deactivate(user, g.now)
    return answer({"user": user.as_json()})


@api.get("/users/<int:user_id>/group_memberships")
def list_memberships_of(user_id: int) -> Response:
    return answer(_page("group_memberships", _memberships(user_id=_user(user_id).id)))


@api.get("/groups")
def list_groups() -> Response:
    return answer(_page("groups", [group.as_json() for group in list(g.desk.groups.values())]))


@api.get("/groups/<int:group_id>")
def show_group(group_id: int) -> Response:
    return answer({"group": _group(group_id).as_json()})


@api.get("/groups/<int:group_id>/memberships")
def list_memberships_in(group_id: int) -> Response:
    return answer(_page("group_memberships", _memberships(group_id=_group(group_id).id)))


@api.get("/group_memberships")
def list_memberships() -> Response:
    return answer(_page("group_memberships", _memberships()))


@api.get("/custom_roles")
def list_roles() -> Response:
    """Custom roles are a matter of the plan; these two are what scripts may give [Custom Agent Roles]."""
    roles = [{"id": number, "name": name, "role_type": 1} for number, name in ROLE_NAMES.items()]
    return answer({"custom_roles": roles, "next_page": None, "previous_page": None, "count": len(roles)})


def _page(key: str, items: Sequence[object]) -> dict[str, object]:
    """Return a page by cursor where `page[size]` asks for it, else by offset [API basics: Pagination]."""
    if "page[size]" in request.args:
        return cursor_page(key, items, keep_next=True)
    return offset_page(key, items, size=TICKETING_PAGE)


def _memberships(*, user_id: int | None = None, group_id: int | None = None) -> list[dict[str, object]]:
    return [
        {
            "id": number,
            "user_id": member,
            "group_id": group.id,
            "default": g.desk.users[member].default_group_id == group.id,
            "created_at": stamp(group.created_at),
            "updated_at": stamp(group.created_at),
        }
        for group in list(g.desk.groups.values())
        for member, number in list(group.memberships.items())
        if user_id in (None, member) and group_id in (None, group.id)
    ]


def _user(user_id: int) -> User:
    user: User | None = g.desk.users.get(user_id)
    if user is None:
        raise not_found()
    return user


def _group(group_id: int) -> Group:
    group: Group | None = g.desk.groups.get(group_id)
    if group is None:
        raise not_found()
    return group
