"""`make freshdesk-stand-in`: an account to try connecting, whose rules really post."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from integrations.freshdesk.emulator import KEY
from tests.processes import PATIENCE, ROOT, until

SECRET = "the-connections-secret"


@pytest.fixture
def endpoint(make_vendor: Callable[..., Any]) -> Any:
    return make_vendor({"status": 202})


@pytest.fixture
def site(endpoint: Any) -> Iterator[str]:
    """Start it as the command does, with rules given as options; yield its address from what it says."""
    options = ["--rule-url", endpoint.url, "--rule-secret", SECRET]
    process = subprocess.Popen(
        [sys.executable, "-m", "integrations.freshdesk.emulator", "0", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().split(" at ")[1].split(",")[0]
    process.kill()
    process.wait(PATIENCE)
    process.stdout.close()


def _ask(method: str, url: str, **more: Any) -> Any:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(method, url, timeout=PATIENCE, **more)
    assert answer.ok, answer.text
    return answer.json()


def test_a_change_there_arrives_here_and_more_rules_are_entered_by_a_call(site: str, endpoint: Any) -> None:
    assert _ask("GET", f"{site}/api/v2/agents/me", auth=(KEY, "X"))["contact"]["email"]
    change: dict[str, Any] = {"auth": (KEY, "X"), "json": {"status": 4}}
    _ask("PUT", f"{site}/api/v2/tickets/1", **change)
    until(lambda: endpoint.asked, what="the test delivery")
    assert endpoint.asked[0].headers["X-KCS-Secret"] == SECRET
    assert json.loads(endpoint.asked[0].body)["ticket_id"] == "1"
    typed = {"url": endpoint.url, "user": "desk", "password": SECRET, "on": "update"}
    assert len(_ask("POST", f"{site}/stand-in/rules", json=typed)["rules"]) == 1
    _ask("PUT", f"{site}/api/v2/tickets/2", **change)
    until(lambda: len(endpoint.asked) == 3, what="both deliveries")
    assert {"Authorization", "X-KCS-Secret"} <= {name for one in endpoint.asked for name in one.headers}
