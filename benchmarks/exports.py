"""What handing a drill-down over as a file costs: `python -m benchmarks.exports [--rows 1000000]`.

A database of its own gets so many solved tickets; then everything behind a figure is written in each form,
of few tickets and of all, each time by a process of its own. Told are seconds of processor time, the size
of the file, and the most memory beyond what the process had before: it must not grow with the rows. Memory
is read where Linux tells it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import flask_migrate
from flask import Flask
from sqlalchemy import text

from kcs import config
from kcs.app import create_app
from kcs.database import Base, db
from kcs.metrics.facts.models import FOREVER, FactsState, SolvedFact
from kcs.metrics.facts.storing import FLAGS
from kcs.metrics.files.sheets import FileKind
from kcs.metrics.files.tables import items_file
from kcs.metrics.model import Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports.link_rate import REPORT
from kcs.metrics.services import Asked
from kcs.people.services import add_agent
from kcs.ports import DeskStatus
from kcs.tickets.models import Connection, Ticket

FEW, MANY = 10_000, 1_000_000
APART = timedelta(seconds=10)
END = datetime(2026, 1, 1, tzinfo=UTC)
MOST_GROWTH = 32 * 1024  # KiB
STATUS, RESET_PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")

# Copies of the first row of a table, told apart by a number i from 2 on.
COPYING = """
WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
INSERT INTO {table} ({names}) SELECT {values} FROM n, {table} AS first WHERE first.id = 1
"""
SOLVED_AT = "strftime('%Y-%m-%d %H:%M:%S.000000', :end - i * 10, 'unixepoch')"
COPIES: tuple[tuple[type[Base], dict[str, str]], ...] = (
    (Ticket, {"id": "i", "remote_id": "'T' || i", "subject": "'Export of report ' || i || ' stays empty'"}),
    (SolvedFact, {"id": "i", "ticket_id": "i", "agent_id": "1 + i % 20", "solved_at": SOLVED_AT}),
)


def main() -> None:
    """Fill, measure and print; end with 1 where memory grew with the rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=MANY)
    parser.add_argument("--write", nargs=3, metavar=("FOLDER", "FORM", "ROWS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        folder, form, rows = given.write
        sys.stdout.write(json.dumps(written(Path(folder), FileKind(form), int(rows))))
        return
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), given.rows)
        grown = [compared(Path(folder), form, given.rows) for form in FileKind]
    sys.exit(1 if max(grown) > MOST_GROWTH else 0)


def fill(folder: Path, rows: int) -> None:
    """Make a database with so many solved tickets, the last of them just before END."""
    with _app(folder).app_context():
        flask_migrate.upgrade()
        _make_first()
        for model, changed in COPIES:
            columns = [column.name for column in model.__table__.columns]
            statement = COPYING.format(
                table=model.__tablename__,
                names=", ".join(columns),
                values=", ".join(changed.get(name, f"first.{name}") for name in columns),
            )
            db.session.execute(text(statement), {"rows": rows, "end": int(END.timestamp())})
        db.session.add(FactsState(id=1, until=END, last_id=0, zone="UTC", ticket_id=None, tickets=0))
        db.session.commit()


def _make_first() -> None:
    """Add people, a desk, and the ticket that all others are copies of."""
    for number in range(20):
        add_agent(f"agent{number}@example.com", f"Agent {number}")
    connection = Connection(name="support", provider="zendesk", subdomain="x", token="", created_at=END)
    solved_at = END - APART
    db.session.add(
        Ticket(
            id=1,
            connection=connection,
            remote_id="T1",
            subject="Export stays empty",
            status=DeskStatus.SOLVED,
            opened_at=solved_at,
            solved_at=solved_at,
            desk_updated_at=solved_at,
            url="",
        )
    )
    counts = dict.fromkeys(FLAGS, 0)
    fact = SolvedFact(
        id=1,
        ticket_id=1,
        known_from=END - timedelta(days=4000),
        known_to=FOREVER,
        solved_at=solved_at,
        day=1,
        agent_id=1,
        connection_id=1,
        outcome="linked",
        **counts,
    )
    db.session.add(fact)
    db.session.flush()


def compared(folder: Path, form: FileKind, rows: int) -> int:
    """Write few rows and all of them in one form; print both and return by how many KiB memory grew."""
    few, many = (apart(folder, form, number) for number in (min(FEW, rows), rows))
    for found in (few, many):
        print(
            f"{form:5} {found['rows']:>9,} rows {found['seconds']:7.1f} s "
            f"{found['bytes'] / 2**20:7.1f} MB  {found['memory'] / 1024:6.1f} MB of memory"
        )
    return int(many["memory"] - few["memory"])


def written(folder: Path, form: FileKind, rows: int) -> dict[str, float]:
    """Write everything behind the figure of a window with so many tickets; return what that took."""
    with _app(folder).app_context():
        window = Window(END - rows * APART, END, ZoneInfo("UTC"))
        asked = Asked(window, Segment.WEEK, EVERYBODY, as_of=END)
        RESET_PEAK.write_text("5")
        before, begun = _memory(), time.process_time()
        size = sum(map(len, items_file(REPORT, asked, "solved", form, base_url="").pieces))
        took = time.process_time() - begun
        return {"rows": rows, "seconds": took, "bytes": size, "memory": _memory() - before}


def apart(folder: Path, form: FileKind, rows: int) -> dict[str, float]:
    """Write in a process of its own, so that nothing is measured that was there before."""
    command = [sys.executable, "-m", "benchmarks.exports", "--write", str(folder), form, str(rows)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 -- our own words
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _app(folder: Path) -> Flask:
    return create_app(config.load({"KCS_TIMEZONE": "UTC"}, instance=folder))


def _memory() -> int:
    """Return the most memory of this process since the peak was reset, in KiB."""
    # Not ru_maxrss: a process begins with the peak of whoever started it, which hides its own.
    found = re.search(r"^VmHWM:\s+([0-9]+) kB", STATUS.read_text(), re.M)
    if found is None:
        raise LookupError(f"{STATUS} does not tell the peak of memory.")
    return int(found[1])


if __name__ == "__main__":
    main()
