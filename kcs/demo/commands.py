"""`kcs demo`: a sample team at work, on a database of its own, with a stand-in for Zendesk."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import flask_migrate
from flask import Flask
from sqlalchemy import func, select

from integrations.emulation.clock import Clock
from integrations.zendesk.emulator import Emulator, EmulatorServer
from kcs import config, database
from kcs.app import create_app
from kcs.config import Settings
from kcs.database import db
from kcs.demo import coaching, comparison, life, questions, sample, team
from kcs.demo.serving import serving
from kcs.demo.stage import PlayError, Stage, connect
from kcs.metrics import as_text, asking
from kcs.metrics.model import Segment
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import link_rate
from kcs.people import services as people
from kcs.progress import progress
from kcs.worklist import Worklist, WorkState
from workflow.permissions import Licence

# More than is ever asked.
CALLS_PER_MINUTE = 100_000


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Where the pages are; 0 takes any free port.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Replay the questions of a data folder instead, and compare with its plan.",
)
@click.option("--limit", type=int, help="With --data: play only so many questions.")
@click.option("--once", is_flag=True, help="Stop after the report instead of staying up.")
def demo(port: int, data: Path | None, limit: int | None, once: bool) -> None:
    """Play sample tickets through a stand-in for Zendesk, print the link rate, and stay up to be looked at.

    It begins afresh each time, in instance/demo; nothing else is touched.
    """
    port = port or _free_port()
    folder = Path(os.environ.get("KCS_INSTANCE", "instance")).resolve() / "demo"
    clock = Clock(datetime.now(UTC) - sample.SPAN - sample.BEFORE)
    desk = Emulator(account="fernhill", shapes=("event", "trigger"), clock=clock)
    # Weeks are played in minutes; an account that names no plan is asked as slowly as the smallest.
    desk.limits.on(account=CALLS_PER_MINUTE, help_center=CALLS_PER_MINUTE)
    with _alone(folder), database.following(clock), EmulatorServer(desk) as desk_server:
        app = _fresh_app(folder, port)
        with app.app_context(), serving(app, port):
            _perform(app, desk, clock, desk_server.api_base, data, limit)
            if not once:
                _stay(app, folder)


def _perform(
    app: Flask, desk: Emulator, clock: Clock, api_base: str, data: Path | None, limit: int | None
) -> None:
    """Play what is past in the clock's own time: who acts there is dated then."""
    if data is None:
        _play_sample(app, desk, clock, api_base)
    else:
        _replay(app, desk, clock, api_base, data, limit)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the demo's folder. Raises PlayError while another demo uses it: it would lose its data."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PlayError(f"Another demo is running in {folder}. Stop it first.") from error
        yield


def _fresh_app(folder: Path, port: int) -> Flask:
    """Make an app on an empty database of the demo's own."""
    _refuse_busy(port)
    shutil.rmtree(folder, ignore_errors=True)
    given = {"KCS_BASE_URL": f"http://127.0.0.1:{port}"}
    app = create_app(config.load(given, instance=folder))
    with app.app_context():
        flask_migrate.upgrade()
    return app


def _refuse_busy(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PlayError(
                f"Port {port} is in use. Stop what runs there, or choose another: --port 8090"
            ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _play_sample(app: Flask, desk: Emulator, clock: Clock, api_base: str) -> None:
    agents = team.add_team()
    team.add_domains(agents)
    tokens = team.issue_tokens(agents)
    connect(desk, api_base)
    db.session.commit()
    click.echo(f"{team.add_articles(team.CONTENT / 'articles.jsonl')} articles, {len(agents)} people")
    stage = _stage(app, desk, clock, tokens)
    tickets = team.read_tickets()
    with progress(f"Playing {len(tickets)} tickets", len(tickets)) as count:
        sample.play(stage, tickets, count)
    stage.wait_until(datetime.now(UTC))
    life.play(stage)
    settings: Settings = app.config["KCS"]
    samples = coaching.play(ZoneInfo(settings.timezone), settings.samples_per_month)
    click.echo(f"{samples} samples judged by coaches")
    click.echo(f"{stage.sent} signed webhooks sent, {stage.repeats} of them repeats\n")
    click.echo(as_text.table(asking.table(link_rate.REPORT, {"by": Segment.AGENT}, EVERYBODY)))
    _print_sign_ins(app)


def _replay(app: Flask, desk: Emulator, clock: Clock, api_base: str, folder: Path, limit: int | None) -> None:
    asked = questions.read_questions(folder, limit)
    agents = {
        email: people.add_agent(email, email.split("@", maxsplit=1)[0].title(), licence=Licence.CONTRIBUTOR)
        for email in questions.PLAN
    }
    tokens = team.issue_tokens(agents)
    connect(desk, api_base)
    db.session.commit()
    click.echo(f"{team.add_articles(folder / 'corpus.jsonl')} articles from {folder.name}")
    stage = _stage(app, desk, clock, tokens)
    replay = questions.Replay(stage, asked)
    with progress(f"Replaying {len(asked)} questions", len(asked)) as count:
        replay.play(count)
    stage.wait_until(datetime.now(UTC))
    click.echo(as_text.table(asking.table(link_rate.REPORT, {"by": Segment.AGENT}, EVERYBODY)))
    found = comparison.differences(replay.expected_states(), questions.expected_report(asked))
    if found:
        raise PlayError(f"{len(found)} differences from the plan:\n" + "\n".join(found[:20]))
    click.echo(f"\nAll {len(asked)} tickets are mirrored once; states and report equal the plan.")


def _stage(app: Flask, desk: Emulator, clock: Clock, tokens: dict[str, str]) -> Stage:
    base_url: str = app.config["KCS"].base_url
    return Stage(desk, base_url, tokens, lambda: open_rows(app), clock=clock)


def open_rows(app: Flask) -> int:
    """Return how many rows of all worklists are neither done nor parked."""
    with app.app_context(), database.reading():
        lists: dict[str, Worklist] = app.extensions["kcs.worklists"]
        open_states = (WorkState.WAITING, WorkState.LEASED)
        return sum(
            db.session.execute(
                select(func.count()).select_from(work.model).where(work.model.state.in_(open_states))
            ).scalar_one()
            for work in lists.values()
        )


def _print_sign_ins(app: Flask) -> None:
    base: str = app.config["KCS"].base_url
    click.echo(f"\nOpen {base} – everybody's password is {team.PASSWORD}\n")
    for person in team.read_team():
        if "sign_in_for" in person:
            click.echo(f"  {person['sign_in_for']:<10} {person['email']}")
    click.echo(f"\n  tickets       {base}/tickets\n  reviews       {base}/reviews")
    click.echo(f"  report        {base}/reports/link-rate")
    click.echo(f"  help centre   {base}/help\n  API           {base}/api/docs")


def _stay(app: Flask, folder: Path) -> None:
    click.echo(f"\nAt the command line: KCS_INSTANCE={folder} kcs doctor")
    click.echo(f"\nServing {app.config['KCS'].base_url} – stop with Ctrl-C")
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    with suppress(KeyboardInterrupt):
        over.wait()
    click.echo("Stopping.")
