"""Asking a colleague to write what people search for in vain. Every act is recorded with the caller's."""

from __future__ import annotations

from sqlalchemy import or_, select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.models import Article
from kcs.authoring.models import WritingRequest
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, NotFound, WorkflowError
from kcs.people.models import Agent
from kcs.privacy.gate import mask
from kcs.sentences import Sentence
from kcs.text import clean_line
from workflow.permissions import Right

LONGEST_WORDS = 200
ASKED, WRITTEN, DISMISSED = "writing.asked", "writing.written", "writing.dismissed"


def writers() -> list[Agent]:
    """Return who may be asked: people in good standing who write articles, by name."""
    people = db.session.execute(select(Agent).where(Agent.active).order_by(Agent.name, Agent.id)).scalars()
    return [person for person in people if _writes(person)]


def get_request(request_id: int, reader: Agent) -> WritingRequest:
    """Return a request to the reader, or by them. Raises NotFound."""
    found = db.session.get(WritingRequest, request_id)
    if found is None or reader.id not in (found.agent_id, found.asked_by_id):
        raise NotFound("Nobody asked you to write this, nor you anybody.")
    return found


def open_request(request_id: int, reader: Agent) -> WritingRequest | None:
    """Return a request to the reader, or by them, that is still open."""
    query = select(WritingRequest).where(
        WritingRequest.id == request_id,
        WritingRequest.settled_at.is_(None),
        or_(WritingRequest.agent_id == reader.id, WritingRequest.asked_by_id == reader.id),
    )
    return db.session.execute(query).scalar_one_or_none()


def ask_to_write(words: str, agent: Agent | None, *, by: Agent) -> WritingRequest:
    """Ask somebody to write what these words look for; personal data in them is replaced by its kind.

    Asking the same person again for the same words changes nothing. Raises InvalidInput by field, NotAllowed.
    """
    grant = _grant(by)
    words = mask(clean_line(words, limit=LONGEST_WORDS), None)
    if not words:
        raise InvalidInput("Say what is to be written.", errors={"words": [Sentence("is needed")]})
    if agent is None or not agent.active or not _writes(agent):
        raise InvalidInput(
            "Choose somebody who writes articles.", errors={"to": [Sentence("choose one of the list")]}
        )
    # One at a time: two who ask at once ask once.
    db.session.execute(select(Agent.id).where(Agent.id == agent.id).with_for_update(key_share=True))
    present = select(WritingRequest).where(
        WritingRequest.agent_id == agent.id,
        WritingRequest.words == words,
        WritingRequest.settled_at.is_(None),
    )
    found = db.session.execute(present).scalars().first()
    if found is not None:
        return found
    asked = WritingRequest(words=words, agent=agent, asked_by=by, asked_at=database.now())
    db.session.add(asked)
    db.session.flush()
    _note(ASKED, asked, grant, by)
    return asked


def wrote(asked: WritingRequest, article: Article, *, by: Agent) -> None:
    """Settle a request with what was written. Raises WorkflowError for one that is settled, NotAllowed."""
    _settle(asked)
    asked.article_id = article.id
    _note(WRITTEN, asked, _grant(by), by)


def dismiss(asked: WritingRequest, *, by: Agent) -> None:
    """Settle a request without an article. Raises WorkflowError for one that is settled, NotAllowed."""
    _settle(asked)
    _note(DISMISSED, asked, _grant(by), by)


def _settle(asked: WritingRequest) -> None:
    db.session.refresh(asked, with_for_update=True)
    if asked.settled_at is not None:
        raise WorkflowError("This was settled already: nothing is left to write.")
    asked.settled_at = database.now()


def _writes(person: Agent) -> bool:
    return rights.grant_for(person, Right.CREATE) is not None


def _grant(by: Agent) -> str:
    grant = rights.grant_for(by, Right.CREATE)
    if grant is None:
        raise NotAllowed("You may not ask for an article: a licence is needed.")
    return grant


def _note(kind: str, asked: WritingRequest, grant: str, by: Agent) -> None:
    detail = {"request_id": asked.id, "of": asked.agent_id}
    record(kind, authority=grant, agent=by, article_id=asked.article_id, detail=detail)
