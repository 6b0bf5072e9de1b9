"""What features show on the page of one connection: named when the app is wired, shown in their order."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from markupsafe import Markup

from kcs.tickets.models import Connection

KEY = "kcs.connection_parts"
Part = Callable[[Connection], Markup]


def add_part(app: Flask, order: int, part: Part) -> None:
    """Show `part` on the page of every connection; the smaller `order` stands first."""
    app.extensions.setdefault(KEY, []).append((order, part))


def parts_of(app: Flask, connection: Connection) -> list[Markup]:
    """Return what the features have to show for a connection."""
    named: list[tuple[int, Part]] = app.extensions.get(KEY, [])
    return [part(connection) for _, part in sorted(named, key=lambda each: each[0])]
