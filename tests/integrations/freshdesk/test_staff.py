"""Who works on the desk, against the emulated account."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import Agent
from integrations.freshdesk.provider import FreshdeskProvider
from integrations.freshdesk.staff import FreshdeskStaff
from kcs.errors import RemoteError
from kcs.ports import Credentials, DeskAgent, DeskGroup


@pytest.fixture
def staff(client: FreshdeskClient) -> FreshdeskStaff:
    return FreshdeskStaff(client)


def test_agents_come_with_their_groups_whichever_side_names_them(
    staff: FreshdeskStaff, emulator: Emulator, agent: Agent
) -> None:
    sound, light = emulator.add_group("Sound", [agent]), emulator.add_group("Light")
    light.agent_ids.append(agent.id)
    agent.group_ids[:] = [sound.id]
    known = {each.id: each for each in staff.agents()}
    assert known[str(agent.id)] == DeskAgent(
        str(agent.id), "Ann Agent", "ann@acme.example", True, True, group_ids=(str(sound.id), str(light.id))
    )
    assert list(staff.groups()) == [DeskGroup(str(sound.id), "Sound"), DeskGroup(str(light.id), "Light")]


def test_agents_are_read_to_the_last_page(staff: FreshdeskStaff, emulator: Emulator) -> None:
    for number in range(120):
        emulator.add_agent(f"A {number}", f"a{number}@acme.example")
    assert len(list(staff.agents())) == 121


KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "an agent": ({}, "active"),
    "of a plan that says more": ({"type": "support_agent", "deactivated": False}, "active"),
    "one for some days": ({"occasional": True}, "active"),
    "deactivated": ({"deactivated": True}, ""),
    "a collaborator": ({"type": "collaborator"}, "active light"),
    "the desk's own bot": ({"contact": {"name": "Freddy AI Agent"}}, "active machine"),
    "an integration": ({"contact": {"name": " API "}}, "active machine"),
    "a person called so": ({"contact": {"name": "Freddy Jones"}}, "active"),
    "no name": ({"contact": {"name": None, "email": None}}, "active"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_who_left_who_may_only_note_and_who_is_nobody(make_vendor: Callable[..., Any], kind: str) -> None:
    told, expected = KINDS[kind]
    agent = {"id": 7, "contact": {"name": "Ann"}, **told}
    vendor = make_vendor({"body": b"[]"}, {"body": json.dumps([agent]).encode()})
    api_base = f"{vendor.url}/api/v2"
    staff = FreshdeskStaff(FreshdeskClient(Credentials("acme", "", "key", api_base=api_base)))
    [found] = staff.agents()
    flags = [name for name in ("active", "light", "machine") if getattr(found, name)]
    assert " ".join(flags) == expected


def test_a_key_that_may_not_see_agents_says_so(
    credentials: Credentials, emulator: Emulator, agent: Agent
) -> None:
    agent.denied.append("/agents$")
    with pytest.raises(RemoteError, match="role of that agent lacks the right") as refused:
        list(FreshdeskStaff(FreshdeskClient(replace(credentials, token=agent.key))).agents())
    assert refused.value.permanent


def test_the_provider_names_what_the_key_may_not_do(credentials: Credentials, agent: Agent) -> None:
    provider = FreshdeskProvider()
    assert provider.lacking(credentials) == ()
    agent.denied.extend(["/agents$", "/groups$"])
    lacking = provider.lacking(replace(credentials, token=agent.key))
    assert len(lacking) == 2
