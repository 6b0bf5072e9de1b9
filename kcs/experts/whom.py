"""Whom to ask: the people a ticket suggests, and the person somebody names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from kcs import database
from kcs.articles.domains import domain_for_tags, general_domain
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.experts.links import Terms
from kcs.experts.models import OutsideExpert
from kcs.people.models import Agent
from kcs.people.queries import find_by_email
from kcs.sentences import Sentence
from kcs.text import clean_line
from kcs.tickets.models import Ticket

Expert = Agent | OutsideExpert

_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@(?=.{3,190}$)[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


class Why(StrEnum):
    """Why somebody is suggested."""

    OWNER = "owner"
    EXPERT = "expert"


@dataclass(frozen=True)
class Choice:
    """A colleague who may know: the owner of an article (`of` is its key), or an expert of a domain."""

    agent: Agent
    why: Why
    of: str


def choices(ticket: Ticket, articles: Iterable[Article], *, by: Agent) -> list[Choice]:
    """Return who may know, each once: owners of these articles in their order, then the domain's experts."""
    domain = domain_for_tags(ticket.tags) or general_domain()
    owners = [Choice(each.owner, Why.OWNER, each.key) for each in articles if each.owner is not None]
    experts = [Choice(each, Why.EXPERT, domain.name) for each in domain.experts]
    found: dict[int, Choice] = {}
    for each in (*owners, *experts):
        if each.agent.active and each.agent.id != by.id:
            found.setdefault(each.agent.id, each)
    return list(found.values())


def person_named(words: str, terms: Terms) -> Expert:
    """Return the colleague of that address or name, or somebody outside where they may be asked.

    Raises InvalidInput.
    """
    words = clean_line(words)
    if not words:
        raise _unknown(Sentence("Choose whom to ask, or write a name or an e-mail address."))
    agent = find_by_email(words) if "@" in words else _colleague(words)
    if agent is not None:
        if not agent.active:
            raise _unknown(Sentence("%(name)s has left: choose somebody else.", name=agent.name))
        return agent
    if "@" not in words:
        raise _unknown(
            Sentence(
                "No colleague is called '%(name)s': write the name as it is shown, or an address.", name=words
            )
        )
    return _outside(words.lower(), terms)


def _colleague(name: str) -> Agent | None:
    query = select(Agent).where(func.lower(Agent.name) == name.lower(), Agent.active).limit(2)
    found = list(db.session.execute(query).scalars())
    if len(found) > 1:
        raise _unknown(
            Sentence("More than one colleague is called '%(name)s': write the e-mail address.", name=name)
        )
    return found[0] if found else None


def _outside(email: str, terms: Terms) -> OutsideExpert:
    if not _ADDRESS.fullmatch(email):
        raise _unknown(
            Sentence("'%(email)s' is no e-mail address: write it as in name@example.com.", email=email)
        )
    if not terms.may_ask_outside(email):
        raise _unknown(
            Sentence(
                "%(email)s is nobody with a seat here. An administrator lets people outside be asked with "
                "KCS_EXPERTS_OUTSIDE.",
                email=email,
            )
        )
    query = select(OutsideExpert).where(OutsideExpert.email == email)
    present = db.session.execute(query).scalar_one_or_none()
    if present is not None:
        return present
    made = OutsideExpert(email=email, created_at=database.now())
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        # Two ask the same new person at once, and the other one was through first.
        return db.session.execute(query).scalar_one()
    return made


def _unknown(message: Sentence) -> InvalidInput:
    return InvalidInput(message, errors={"to": [message]})
