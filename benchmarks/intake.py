"""What a webhook costs: keeping a signed delivery, and working on it, against a route that does nothing.

All in one run and in CPU time, so that the ratios hold on any machine: `python -m benchmarks.intake`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import flask_migrate
from flask import Flask

from integrations.zendesk.emulator import Emulator, EmulatorServer
from kcs import config, worklist
from kcs.app import create_app
from kcs.database import db
from kcs.people.access import Permission, requires
from kcs.tickets.services import add_connection

TICKETS = 200


def main() -> None:
    """Measure and print."""
    desk = Emulator(account="bench")
    with tempfile.TemporaryDirectory() as folder, EmulatorServer(desk) as server:
        app = _app(Path(folder), desk, server.api_base)
        customer = desk.add_user("Bench", "bench@example.com", "end-user")
        for number in range(TICKETS):
            desk.create_ticket(customer, f"Question {number}", "Something does not work as it should.")
        signed = [desk.sign(delivery) for delivery in desk.take_deliveries()]
        client = app.test_client()

        idle = _per_item(lambda: [client.post("/idle") for _ in signed], len(signed))
        keep = _per_item(
            lambda: [client.post("/webhooks/bench", headers=headers, data=body) for headers, body in signed],
            len(signed),
        )
        with app.app_context():
            inbox = app.extensions["kcs.worklists"]["inbox"]
            work = _per_item(lambda: worklist.drain(inbox, limit=len(signed)), len(signed))
    print(f"idle route      {idle:7.2f} CPU ms   1.0")
    print(f"keep a delivery {keep:7.2f} CPU ms   {keep / idle:.1f}")
    print(f"work on it      {work:7.2f} CPU ms   {work / idle:.1f}   (with the stand-in's share)")


def _app(folder: Path, desk: Emulator, api_base: str) -> Flask:
    app = create_app(config.load({}, instance=folder))

    @app.post("/idle")
    @requires(Permission.PUBLIC)
    def idle() -> tuple[str, int]:
        return "", 202

    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        flask_migrate.upgrade()
        add_connection(
            "bench",
            provider="zendesk",
            subdomain=desk.account,
            token=desk.token,
            webhook_secret=desk.outbox.secret,
            api_base=api_base,
        )
        db.session.commit()
    return app


def _per_item(act: Callable[[], object], count: int) -> float:
    """Return CPU milliseconds of this process for each item."""
    begun = time.process_time()
    act()
    return (time.process_time() - begun) / count * 1000


if __name__ == "__main__":
    main()
