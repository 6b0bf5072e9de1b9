"""The sample team and its articles, read from `content/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kcs.articles.imports import import_lines
from kcs.database import db
from kcs.demo.stage import PlayError
from kcs.people import services as people
from kcs.people.models import Agent
from workflow.permissions import Licence, Role

CONTENT = Path(__file__).parent / "content"
PASSWORD = "fernhill-sample-team"  # noqa: S105 -- printed by the demo; refused wherever people come by https


def read_team() -> list[dict[str, Any]]:
    """Return the sample people."""
    people_: list[dict[str, Any]] = json.loads((CONTENT / "team.json").read_text("utf-8"))["people"]
    return people_


def read_tickets() -> list[dict[str, Any]]:
    """Return the sample tickets in the order in which they came in."""
    lines = (CONTENT / "tickets.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def add_team() -> dict[str, Agent]:
    """Add the sample people; return them by address."""
    return {
        person["email"]: people.add_agent(
            person["email"],
            person["name"],
            password=PASSWORD,
            licence=Licence(person["licence"]) if person["licence"] else None,
            roles=[Role(role) for role in person["roles"]],
            team=person.get("team"),
            sample=True,
        )
        for person in read_team()
    }


def issue_tokens(agents: dict[str, Agent]) -> dict[str, str]:
    """Return a bearer token for each person, by address."""
    return {email: people.issue_token(agent, label="demo", days=1) for email, agent in agents.items()}


def add_articles(path: Path) -> int:
    """Take over the articles of a file. Raises PlayError naming the first line that is refused."""
    count = 0
    with path.open("rb") as lines:
        for outcome in import_lines(lines):
            if outcome.problem is not None:
                raise PlayError(f"{path.name} line {outcome.line}: {outcome.problem}")
            count += 1
    db.session.commit()
    return count
