"""The app's own scripts, in Node and without the vendor's kit.

Node is the `node` on the path. Without one the tests skip and say so; with CI set that is a failure instead.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.freshdesk.deliveries import read_delivery
from kcs.ports import AuthorKind, DeskStatus

HERE = Path(__file__).parent
SUITES = sorted(path.name for path in HERE.glob("*.test.mjs"))
SECONDS = 60


def _node() -> str:
    found = shutil.which("node")
    if found is not None:
        return found
    message = "Node is not there: install it (Debian's package is `nodejs`)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.mark.parametrize("suite", SUITES)
def test_the_scripts_of_the_app(suite: str) -> None:
    run = subprocess.run(
        [_node(), "--test", suite], cwd=HERE, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_there_are_suites_to_run() -> None:
    assert SUITES == ["closing.test.mjs", "frame.test.mjs", "server.test.mjs"]


def test_what_the_app_forwards_is_read_as_a_change_with_its_author() -> None:
    """The same file is what server.test.mjs expects the app to send."""
    read = read_delivery({}, json.loads((HERE / "forwarded.json").read_text(encoding="utf-8")))
    assert read.ticket_id == "4711"
    assert read.heard is not None
    assert (read.heard.author.id, read.heard.author.kind) == ("17", AuthorKind.AGENT)
    assert (read.heard.before, read.heard.after) == (DeskStatus.OPEN, DeskStatus.SOLVED)
    assert read.heard.at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
