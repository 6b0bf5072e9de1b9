"""A replay of real questions, ready to be played against a server, wherever that runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from integrations.zendesk.emulator import Emulator
from kcs.database import db
from kcs.demo import questions, team
from kcs.demo.questions import PLAN, Question, Replay
from kcs.demo.stage import Stage, connect
from kcs.people import services as people
from workflow.permissions import Licence


def prepare(desk: Emulator, api_base: str, folder: Path) -> dict[str, str]:
    """Write people, articles and the connection into the database; return everybody's token."""
    agents = {
        email: people.add_agent(email, email.split("@")[0].title(), licence=Licence.CONTRIBUTOR)
        for email in PLAN
    }
    tokens = team.issue_tokens(agents)
    connect(desk, api_base)
    db.session.commit()
    team.add_articles(folder / "corpus.jsonl")
    db.session.remove()
    return tokens


def replay(
    desk: Emulator,
    base_url: str,
    tokens: dict[str, str],
    asked: list[Question],
    open_rows: Callable[[], int],
    between: Callable[[], None] = lambda: None,
) -> Replay:
    """Play the questions to their end."""
    stage = Stage(desk, base_url, tokens, open_rows, between=between)
    played = questions.Replay(stage, asked)
    played.play(lambda _: None)
    assert stage.repeats > stage.sent / 10
    return played
