"""The sample team and its articles, read from `content/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kcs.articles.imports import import_lines
from kcs.articles.policy_acts import DomainSettings, save_domain
from kcs.database import db
from kcs.demo.stage import PlayError
from kcs.people import services as people
from kcs.people.models import Agent
from workflow.permissions import Licence, Role

CONTENT = Path(__file__).parent / "content"
# The month that is played and a day to look around.
TOKEN_DAYS = 30
PASSWORD = "fernhill-sample-team"  # noqa: S105 -- printed by the demo; refused wherever people come by https


def read_team() -> list[dict[str, Any]]:
    """Return the sample people."""
    people_: list[dict[str, Any]] = json.loads((CONTENT / "team.json").read_text("utf-8"))["people"]
    return people_


def read_products() -> dict[str, list[str]]:
    """Return the products with the tags of the tickets that are about them."""
    products: dict[str, list[str]] = json.loads((CONTENT / "team.json").read_text("utf-8"))["products"]
    return products


def read_tickets() -> list[dict[str, Any]]:
    """Return the sample tickets in the order in which they came in."""
    lines = (CONTENT / "tickets.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def add_team() -> dict[str, Agent]:
    """Add the sample people with their coaches; return them by address."""
    added = {
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
    for person in read_team():
        if "coach" in person:
            people.set_coach(added[person["email"]], added[person["coach"]])
    return added


def add_domains(agents: dict[str, Agent]) -> None:
    """Add the sample knowledge domains with their experts."""
    admin = next(agent for agent in agents.values() if Role.ADMIN in agent.roles)
    told = json.loads((CONTENT / "team.json").read_text("utf-8"))["domains"]
    for each in told:
        experts = tuple(agents[email].id for email in each["experts"])
        claims = tuple(each.get("claims", ()))
        settings = DomainSettings(each["name"], tags=tuple(each["tags"]), experts=experts, claims=claims)
        save_domain(each["key"], settings, by=admin)


def issue_tokens(agents: dict[str, Agent]) -> dict[str, str]:
    """Return a bearer token for each person, by address."""
    return {
        email: people.issue_token(agent, label="demo", days=TOKEN_DAYS) for email, agent in agents.items()
    }


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
