"""A server in a process of its own, and an agent who opens page after page in Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from playwright.sync_api import Page, sync_playwright

from benchmarks.panel.installation import EMAIL, PASSWORD

STARTS_WITHIN = 60.0
# What the browser waited for the server's first byte: the page's, and that of what the page asked for then.
_SERVER = """(address) => {
  const waited = (entry) => entry ? entry.responseStart - entry.requestStart : 0;
  const page = performance.getEntriesByType("navigation")[0];
  const later = performance.getEntriesByType("resource").filter((entry) => entry.name.includes(address));
  return [waited(page), ...later.map(waited)];
}"""


@dataclass(frozen=True)
class Opened:
    """Milliseconds from opening a page until it showed what was waited for, and the server's share."""

    shown: float
    server: float


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run `kcs serve` on an instance folder; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}"
    settings = {"KCS_INSTANCE": str(folder), "KCS_BASE_URL": base, "PATH": os.environ["PATH"]}
    with (folder / "server.txt").open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "kcs", "serve"], env=settings, stdout=output, stderr=output
        )
    try:
        _wait(server, f"{base}/readyz")
        yield base
    finally:
        server.terminate()
        server.wait(20)


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    ends, direct = time.monotonic() + STARTS_WITHIN, build_opener(ProxyHandler({}))
    while time.monotonic() < ends and server.poll() is None:
        try:
            direct.open(address, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("kcs serve did not start: see server.txt in the benchmark's folder")


@contextmanager
def agent(base: str) -> Iterator[Page]:
    """Sign an agent in; yields their page, as narrow as a desk's sidebar."""
    program = os.environ.get("KCS_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": 320, "height": 800}, locale="en-GB")
        page.goto(f"{base}/sign-in")
        page.locator("input[name=email]").fill(EMAIL)
        page.locator("input[name=password]").fill(PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        yield page
        chromium.close()


def open_page(page: Page, address: str, waits_for: str, *, also: str = "") -> Opened:
    """Open an address, wait until the selector is seen; `also`: in the address of what it asks for then."""
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(waits_for).first.wait_for(state="visible")
    shown = (time.perf_counter() - begun) * 1000
    waited: list[float] = page.evaluate(_SERVER, also or "no such thing")
    return Opened(shown, sum(waited))
