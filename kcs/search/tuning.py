"""`kcs search tune`: weights of the ranking learnt from one's own links, and kept only if they win.

Each ticket that an article resolved is asked again, as if it had not been solved: its own words are left out
of what past tickets say. Weights are learnt on four fifths of the tickets and tried on the last, five times
over, so that the gain told is one on tickets not learnt from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import column, select, table

from kcs import database
from kcs.database import db, forget_once
from kcs.errors import InvalidInput
from kcs.ports import AuthorKind
from kcs.search.answers import read
from kcs.search.engine.weights import LINEAR, Weights
from kcs.search.index import SearchIndex
from kcs.search.models import SearchWeights
from kcs.search.sampling import judgements
from kcs.search.ticket_text import ready
from kcs.search.tuned import current_weights
from kcs.search.wanted import Wanted
from kcs.tickets.models import Message, Ticket

LEAST = 50
MOST = 2_000
CANDIDATES = 20
FOLDS = 5
# A gain smaller than this many standard errors may be luck.
SURE = 1.0
_STEPS = 150
_RATE = 0.3
_HOLD = 0.02

# Joined by id: links belong to the solve loop, which lies above search.
_links = table(
    "links",
    column("id"),
    column("ticket_id"),
    column("article_id"),
    column("role"),
    column("source"),
    column("removed_at"),
)
Floats = NDArray[np.float64]
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Question:
    """Something asked before, the articles that answered it, and the link whose words must not tell."""

    wanted: Wanted
    answers: frozenset[int]
    link_id: int | None = None


@dataclass(frozen=True)
class Example:
    """A question's candidates: the unweighted parts of their scores, and which of them answer."""

    parts: Floats
    good: NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """What was learnt: R@1 with the weights in use and with the new ones, on tickets not learnt from."""

    questions: int
    before: float
    after: float
    error: float
    weights: Weights
    kept: bool


def tune(index: SearchIndex, *, keep: bool = True, progress: Progress = lambda _: None) -> Outcome:
    """Learn weights from links and judgements; keep them if they win by more than luck. Raises InvalidInput.

    `keep` False only tells what would be gained.
    """
    held = list(_questions())
    if len(held) < LEAST:
        raise InvalidInput(
            f"There are {len(held)} solved tickets and judgements to learn from; {LEAST} are needed. "
            "Link the articles that solve tickets, or judge searches on the sampling page, and come back."
        )
    weights = current_weights()
    examples = []
    for question in held:
        examples.append(_example(index, question, weights))
        progress(1)
    start = np.array([getattr(weights, name) for name in LINEAR])
    before, after = _cross_validated(examples, start)
    error = float(np.std(after - before) / math.sqrt(len(examples)))
    wins = float(np.mean(after - before)) > SURE * error
    learnt = _learn(examples, start) if wins else start
    new = replace(
        weights, **{name: round(float(value), 3) for name, value in zip(LINEAR, learnt, strict=True)}
    )
    outcome = Outcome(len(examples), float(before.mean()), float(after.mean()), error, new, wins and keep)
    if outcome.kept:
        _keep(outcome)
    return outcome


def forget() -> int:
    """Return to the weights the product came with; return how many were forgotten."""
    rows = list(db.session.execute(select(SearchWeights)).scalars())
    for row in rows:
        db.session.delete(row)
    forget_once(db.session())
    return len(rows)


def _questions() -> Iterator[Question]:
    """The latest tickets with what resolved them, drafts made from them left out; then judgements."""
    rows = db.session.execute(
        select(_links.c.id, _links.c.article_id, Ticket.id, Ticket.subject, Ticket.locale)
        .join(Ticket, Ticket.id == _links.c.ticket_id)
        .where(_links.c.role == "resolution", _links.c.source != "created", _links.c.removed_at.is_(None))
        .order_by(_links.c.id.desc())
        .limit(MOST)
    ).all()
    for link_id, article_id, ticket_id, subject, locale in rows:
        body = db.session.execute(
            select(Message.body)
            .where(
                Message.ticket_id == ticket_id, Message.public, Message.author_kind == AuthorKind.REQUESTER
            )
            .order_by(Message.created_at, Message.id)
            .limit(1)
        ).scalar()
        yield Question(Wanted(ready(subject, body or ""), language=locale), frozenset({article_id}), link_id)
    for words, article_id, good in judgements():
        if good and article_id is not None:
            yield Question(read(words, None).wanted, frozenset({article_id}))


def _example(index: SearchIndex, question: Question, weights: Weights) -> Example:
    hidden = frozenset() if question.link_id is None else frozenset({question.link_id})
    hits = index.rank(question.wanted, limit=CANDIDATES, weights=weights, hidden=hidden).hits
    used = asdict(weights)
    parts = [
        [hit.parts.get(name, 0.0) / used[name] if used[name] else 0.0 for name in LINEAR] for hit in hits
    ]
    good = np.array([hit.article_id in question.answers for hit in hits], bool)
    return Example(np.array(parts, float).reshape(len(hits), len(LINEAR)), good)


def _cross_validated(examples: list[Example], start: Floats) -> tuple[Floats, Floats]:
    before = np.array([_first_is_good(example, start) for example in examples])
    after = np.zeros(len(examples))
    for fold in range(FOLDS):
        learnt = _learn([each for place, each in enumerate(examples) if place % FOLDS != fold], start)
        for place in range(fold, len(examples), FOLDS):
            after[place] = _first_is_good(examples[place], learnt)
    return before, after


def _first_is_good(example: Example, weights: Floats) -> float:
    if not len(example.parts):
        return 0.0
    return float(example.good[int(np.argmax(np.round(example.parts @ weights, 4)))])


def _learn(examples: list[Example], start: Floats) -> Floats:
    """Raise the answers' share of a soft maximum over their questions' candidates, near the start."""
    told = [each for each in examples if each.good.any() and not each.good.all()]
    logs = np.zeros(len(start))
    scale = np.mean([each.parts.std() for each in told]) if told else 1.0
    for _ in range(_STEPS):
        weights = start * np.exp(logs)
        slope = np.zeros(len(start))
        for each in told:
            scores = each.parts @ weights / scale
            share = np.exp(scores - scores.max())
            share /= share.sum()
            wanted = share * each.good
            slope += ((wanted / max(wanted.sum(), 1e-12) - share) @ each.parts) * weights / scale
        logs += _RATE * (slope / max(1, len(told)) - _HOLD * logs)
    return np.asarray(start * np.exp(logs))


def _keep(outcome: Outcome) -> None:
    db.session.add(
        SearchWeights(
            values=asdict(outcome.weights),
            gain=round(100 * (outcome.after - outcome.before), 2),
            tickets=outcome.questions,
            learnt_at=database.now(),
        )
    )
    forget_once(db.session())
