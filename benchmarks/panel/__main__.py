"""`python -m benchmarks.panel`: from opening the panel to suggestions shown, beside a page that does nothing.

Median and 95th percentile in milliseconds, in Chromium on the machine of the server; the server's share is
what the browser waited for the first byte of the page and of its suggestions together.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from benchmarks.panel.browsing import Opened, agent, open_page, serving
from benchmarks.panel.installation import CONNECTION, build

WARM_UP = 5
GOAL_MS = 200
SUGGESTIONS = "#suggestions [data-offers]"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--opened", type=int, default=100, help="tickets to open")
    parser.add_argument("--folder", type=Path, help="keep the installation in this folder, or use it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        numbers = [str(number + 1) for number in range(given.opened)]
        if not (folder / "kcs.db").exists():
            numbers = build(folder, given.articles, given.tickets, given.opened)
        panel, plain = _measure(folder, numbers)
    print(f"{given.articles} articles, {given.tickets} tickets, {len(panel)} opened; milliseconds")
    print(f"{'':34}{'median':>8}{'p95':>8}")
    _row("panel: open to suggestions shown", [each.shown for each in panel])
    _row("panel: the server's share", [each.server for each in panel])
    _row("plain page: open to shown", [each.shown for each in plain])
    _row("plain page: the server's share", [each.server for each in plain])
    share, base = (_p95([each.server for each in some]) for some in (panel, plain))
    said = "within" if share <= GOAL_MS else "OVER"
    print(f"server's share, p95: {share / base:.1f} times the plain page's; {said} {GOAL_MS} ms")


def _measure(folder: Path, numbers: Sequence[str]) -> tuple[list[Opened], list[Opened]]:
    """Open the panel of each ticket, and as often the panel that asks which ticket, in turn."""
    panel, plain = [], []
    with serving(folder) as base, agent(base) as page:
        for number in [*numbers[:WARM_UP], *numbers]:
            address = f"{base}/panel?connection={CONNECTION}&ticket={number}"
            panel.append(open_page(page, address, SUGGESTIONS, also=f"/{number}/suggestions"))
            plain.append(open_page(page, f"{base}/panel", "main h1"))
    return panel[WARM_UP:], plain[WARM_UP:]


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1]


def _row(name: str, values: list[float]) -> None:
    print(f"{name:34}{median(values):8.1f}{_p95(values):8.1f}")


if __name__ == "__main__":
    main()
