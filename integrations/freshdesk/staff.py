"""Who works on the desk: agents, collaborators, their groups, and who was deactivated.

[Agents, Groups]. Whom somebody makes a contact again is in no list of agents any more. Occasional agents are
agents for the days they have a pass. No field says that an agent is no person; only what is called so is
taken for a machine.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from typing import Any

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.schemas import AgentIn, GroupIn, read
from kcs.ports import DeskAgent, DeskGroup

COLLABORATOR = "collaborator"  # the `type` of those who may note but not answer
MACHINE_NAMES = re.compile(r"freddy(?: ai(?: agent)?)?|(?:chat ?)?bots?|api|integrations?", re.IGNORECASE)


class FreshdeskStaff:
    """Implements `kcs.ports.StaffDirectory` over agents and groups."""

    def __init__(self, client: FreshdeskClient) -> None:
        self._client = client

    def agents(self) -> Iterator[DeskAgent]:
        """Yield every agent, deactivated ones too. Raises RemoteError."""
        members: defaultdict[str, set[str]] = defaultdict(set)
        for group in self._groups():
            for agent_id in group["agent_ids"] or ():
                members[agent_id].add(group["id"])
        for item in self._client.pages("/agents"):
            agent = read(AgentIn, item, "an agent")
            yield _agent(agent, members[agent["id"]] | set(agent["group_ids"] or ()))

    def groups(self) -> Iterator[DeskGroup]:
        """Yield every group. Raises RemoteError."""
        for group in self._groups():
            yield DeskGroup(group["id"], group["name"] or group["id"])

    def _groups(self) -> Iterator[dict[str, Any]]:
        for item in self._client.pages("/groups"):
            yield read(GroupIn, item, "a group")


def _agent(agent: Mapping[str, Any], groups: Set[str]) -> DeskAgent:
    contact = agent["contact"]
    name = contact["name"] or ""
    machine = bool(MACHINE_NAMES.fullmatch(name.strip()))
    return DeskAgent(
        id=agent["id"],
        name=name,
        email=contact["email"] or None,
        email_verified=bool(contact["active"]),
        active=not agent["deactivated"],
        light=(agent["type"] or "").lower() == COLLABORATOR and not machine,
        machine=machine,
        group_ids=tuple(sorted(groups)),
    )
