"""What `kcs doctor` looks at; each check says in words what it saw and what to do."""

from __future__ import annotations

from datetime import timedelta

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, select

from kcs import database
from kcs.admin.connection_checks import Check, keep, steps_of
from kcs.config import Settings
from kcs.database import db
from kcs.extensions import RedisBell
from kcs.people.queries import has_admin, has_sample_people
from kcs.search.index import SearchIndex
from kcs.semantic.semantic import Semantic
from kcs.tickets.models import Connection
from kcs.worklist import Worklist, WorkState

OVERDUE = timedelta(minutes=2)


def check_everything(app: Flask) -> list[Check]:
    """Look at settings, database, Redis, people, worklists, search and every connection."""
    settings: Settings = app.config["KCS"]
    migrations = _migrations(app)
    checks = [_settings(settings), migrations]
    if not migrations.ok:
        return checks
    checks += [_bell(app), _people(settings)]
    for name, work in app.extensions["kcs.worklists"].items():
        checks += _worklist(name, work)
    checks.append(_search(app.extensions["kcs.search"]))
    semantic: Semantic | None = app.extensions["kcs.semantic"]
    if semantic is not None:
        checks.append(_meaning(semantic))
    with_desk = Connection.provider.in_(app.extensions["kcs.providers"])
    connections = list(db.session.execute(select(Connection).where(Connection.active, with_desk)).scalars())
    if not connections:
        checks.append(Check("connections", True, "none yet: add one with 'kcs connection add'"))
    for connection in connections:
        checks += check_connection(app, connection)
    return checks


def check_connection(app: Flask, connection: Connection, *, wait: float = 0.0) -> list[Check]:
    """Look at one connection: ask the desk, its webhook, and each target's help centre.

    `wait` is for how many seconds a delivery is awaited from a desk that cannot be asked to send one.
    """
    with database.reading():
        connection_id = connection.id
        settings: Settings = app.config["KCS"]
        steps = steps_of(
            connection,
            app.extensions["kcs.providers"],
            settings.base_url,
            app.extensions["kcs.arrived"],
            wait=wait,
        )
    checks = [step.take() for step in steps]
    keep(connection_id, checks)
    return checks


def _settings(settings: Settings) -> Check:
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    work = "RQ workers" if settings.redis_url else "threads of kcs serve"
    return Check("settings", True, f"{settings.base_url}, {kind}, work by {work}, zone {settings.timezone}")


def _migrations(app: Flask) -> Check:
    script = ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config())
    present = MigrationContext.configure(db.session.connection()).get_current_revision()
    head = script.get_current_head()
    if present == head:
        return Check("database", True, f"up to date ({head})")
    return Check("database", False, f"at {present or 'nothing'}, needs {head}: run 'kcs db upgrade'")


def _bell(app: Flask) -> Check:
    bell = app.extensions["kcs.bell"]
    if not isinstance(bell, RedisBell):
        return Check("redis", True, "not used")
    if bell.reachable():
        return Check("redis", True, "reachable")
    return Check("redis", False, "not reachable: the sweep of 'kcs worker' does the work, slower")


def _people(settings: Settings) -> Check:
    if not has_admin():
        return Check("people", False, "no administrator: kcs user add you@example.com --name … --role admin")
    if has_sample_people():
        return Check("people", not settings.is_secure, "sample people are present: fit for a trial only")
    return Check("people", True, "an administrator is there")


def _worklist(name: str, work: Worklist) -> list[Check]:
    model = work.model
    states = (WorkState.WAITING, WorkState.LEASED)
    overdue = db.session.execute(
        select(func.count())
        .select_from(model)
        .where(model.state.in_(states), ~model.background, model.not_before < database.now() - OVERDUE)
    ).scalar_one()
    parked = db.session.execute(
        select(func.count()).select_from(model).where(model.state == WorkState.PARKED)
    ).scalar_one()
    verb = "replay" if name == "inbox" else "retry"
    return [
        Check(name, not overdue, f"{overdue} rows overdue by two minutes" if overdue else "nothing overdue"),
        Check(
            f"{name}, parked",
            not parked,
            f"{parked} parked: see 'kcs {name} list --state parked', then 'kcs {name} {verb} --all'"
            if parked
            else "none",
        ),
    ]


def _search(index: SearchIndex) -> Check:
    lag = index.lag()
    if lag is None:
        return Check("search", True, "no index yet: it is built at the first search")
    return Check(
        "search", True, "up to date" if not lag else f"{lag} changes behind: the next search takes them in"
    )


def _meaning(semantic: Semantic) -> Check:
    done, due = semantic.state()
    waiting = f", {due} waiting: 'kcs semantic build' computes them now" if due else ""
    return Check("finding by meaning", True, f"{done} articles encoded{waiting}")
