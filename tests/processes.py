"""The product at work for a test: inside this process, or as processes of its own that may be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.conftest import REDIS, SECRET, needed

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("KCS_TEST_DATA", ROOT.parent / "shared" / "data"))
# How many seconds what is awaited may take where many tests run at once on a slow machine.
PATIENCE = 120.0


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def until(true: Callable[[], object], seconds: float = PATIENCE, what: str = "it") -> None:
    """Wait until `true` says so; fail the test when that takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.05)


@dataclass
class Product:
    """`kcs` processes on one database, each in a session of its own, their output in one file. On Linux."""

    folder: Path
    database_url: str
    redis_url: str | None = None
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """Where `kcs serve` answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What the processes have said so far."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def start(self, command: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `kcs <command>`."""
        given = {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": self.database_url,
            "INSTANCE": str(self.folder),
            "BASE_URL": self.base_url,
            "REDIS_URL": self.redis_url or "",
            **self.settings,
        }
        with (self.folder / "output.txt").open("ab") as output:
            self.running[command] = subprocess.Popen(
                [sys.executable, "-m", "kcs", command, *arguments],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], **{f"KCS_{key}": value for key, value in given.items()}},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return self.running[command]

    def kill(self, command: str) -> None:
        """`kill -9` the process and everything it started."""
        process = self.running[command]
        while self.signal(command, signal.SIGKILL):
            time.sleep(0.01)
        process.wait(PATIENCE)
        del self.running[command]

    def signal(self, command: str, number: signal.Signals) -> int:
        """Send a signal to the process and everything it started; return how many there were."""
        members = _session(self.running[command].pid)
        for member in members:
            with suppress(ProcessLookupError):
                os.kill(member, number)
        return len(members)

    def kill_all(self) -> None:
        """Leave nothing behind."""
        for command in list(self.running):
            self.kill(command)

    def is_ready(self) -> bool:
        """Return whether `kcs serve` answers that it can work."""
        with requests.Session() as session:
            session.trust_env = False
            try:
                return session.get(f"{self.base_url}/readyz", timeout=PATIENCE).ok
            except requests.RequestException:
                return False

    def wait_until_ready(self) -> None:
        """Wait until `kcs serve` answers."""
        until(self.is_ready, what="the server's start")


def _session(leader: int) -> list[int]:
    """Return who still runs in a session: an RQ work-horse leaves the group of its worker, but not that."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                members.append(int(stat.parent.name))
    return members


def own_redis_url() -> str:
    """Return the address of a Redis database of this test run's own, on the server of KCS_TEST_REDIS_URL."""
    url = needed(REDIS, "Redis", "KCS_TEST_REDIS_URL")
    return f"{url}?db={1 + os.getpid() % 15}"
