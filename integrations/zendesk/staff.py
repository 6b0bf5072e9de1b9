"""Who works on the desk: agents, admins, light agents, bots, their groups, and who has left.

Somebody who left is inactive or suspended, or has become an end user and is in no list of agents any more.
Names in brackets are parts of developer.zendesk.com.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.schemas import GroupIn, MembershipIn, RoleIn, UserIn, read
from kcs.errors import RemoteError
from kcs.ports import DeskAgent, DeskGroup

AGENTS = "/users?role[]=agent&role[]=admin"
LIGHT = 1  # the `role_type` of light agents [Users, Custom Agent Roles]
# No field says that a user is no person; only roles that are called so and nothing else are taken for it.
MACHINE_ROLES = re.compile(r"(?:answer |chat ?)?bots?|ai agents?|api|integrations?", re.IGNORECASE)


class ZendeskStaff:
    """Implements `kcs.ports.StaffDirectory` over users, groups, memberships and roles."""

    def __init__(self, client: ZendeskClient) -> None:
        self._client = client

    def agents(self) -> Iterator[DeskAgent]:
        """Yield every agent and administrator, suspended and inactive ones too. Raises RemoteError."""
        roles, groups = self._roles(), self._memberships()
        for item in self._client.pages(AGENTS, "users"):
            person = read(UserIn, item, "an agent")
            if person["id"] is not None:
                yield _agent(person, roles.get(person["custom_role_id"]), groups.get(person["id"], ()))

    def groups(self) -> Iterator[DeskGroup]:
        """Yield every group. Raises RemoteError."""
        for item in self._client.pages("/groups", "groups"):
            group = read(GroupIn, item, "a group")
            yield DeskGroup(group["id"], group["name"] or group["id"])

    def _roles(self) -> Mapping[str | None, Mapping[str, Any]]:
        """Return the custom roles by id; most plans have none, and may say so with a refusal."""
        try:
            items = self._client.get("/custom_roles").get("custom_roles")
        except RemoteError as error:
            if error.permanent:
                return {}
            raise
        found = [read(RoleIn, item, "a custom role") for item in items] if isinstance(items, list) else []
        return {role["id"]: role for role in found}

    def _memberships(self) -> Mapping[str, tuple[str, ...]]:
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for item in self._client.pages("/group_memberships", "group_memberships"):
            membership = read(MembershipIn, item, "a group membership")
            groups[membership["user_id"]].append(membership["group_id"])
        return {user: tuple(sorted(ids)) for user, ids in groups.items()}


def _agent(person: Mapping[str, Any], role: Mapping[str, Any] | None, groups: tuple[str, ...]) -> DeskAgent:
    name = role["name"] or "" if role else ""
    machine = bool(MACHINE_ROLES.fullmatch(name.strip()))
    types = (person["role_type"], role["role_type"] if role else None)
    return DeskAgent(
        id=str(person["id"]),
        name=person["name"] or "",
        email=person["email"] or None,
        email_verified=bool(person["verified"]),
        active=bool(person["active"]) and not person["suspended"],
        light=LIGHT in types and not machine,
        machine=machine,
        group_ids=groups,
    )
