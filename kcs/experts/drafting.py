"""From an answer to a draft with both names, and what was promised for an answer that is internal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kcs import database
from kcs.articles import services as articles
from kcs.articles.domains import domain_for_tags, general_domain
from kcs.articles.layout import readable_parts, template_named, template_of
from kcs.articles.models import Article
from kcs.articles.structure import Need, Template
from kcs.errors import InvalidInput, WorkflowError
from kcs.experts.models import MayShow, Question, QuestionState
from kcs.experts.queries import questions_behind
from kcs.experts.services import lock, note, who
from kcs.markup import to_text
from kcs.people.models import Agent
from kcs.privacy.gate import mask
from kcs.sentences import Sentence
from kcs.solving import drafting, services
from kcs.solving.loop import lock as lock_ticket
from kcs.solving.queries import created_link
from workflow.article import Audience, Confidence

SHORTEST_PASSAGE = 20  # characters from which a passage of an answer is told from words anybody writes


def make_draft(question: Question, *, by: Agent) -> Article:
    """Turn the answer into a draft of the ticket, or into a new version of the one it has.

    Again returns that draft. Raises NotAllowed, WorkflowError, InvalidInput.
    """
    lock_ticket(question.ticket)
    lock(question)
    if question.draft is not None:
        return question.draft
    if question.state is not QuestionState.ANSWERED:
        raise WorkflowError("This question has no answer yet to make a draft of.")
    link = created_link(question.ticket)
    if link is not None and link.article.confidence is Confidence.WIP:
        article = link.article
        _fill_in(article, question, by)
    else:
        article = _begin(question, by)
    question.article, question.drafted_by, question.drafted_at = article, by, database.now()
    note(
        "question.drafted",
        question,
        authority="ticket",
        agent=by,
        article_id=article.id,
        detail=who(question.turn),
    )
    return article


def keep_inside(article: Article) -> None:
    """Refuse to let a text go outside while it holds what an expert gave for colleagues alone.

    Raises InvalidInput naming who gave it.
    """
    parts = readable_parts(article.current_version, Audience.PARTNER)
    shown = _squeezed(" ".join(to_text(text) for text in parts.values()))
    for question in questions_behind(article):
        inside = question.may_show is MayShow.INTERNAL
        if inside and any(each in shown for each in _passages(question.answer)):
            said = Sentence(
                "%(key)s holds an answer that %(expert)s gave for colleagues alone. Take it out or move it "
                "into a field for colleagues, or ask them again whether customers may see it.",
                key=article.key,
                expert=question.turn.name,
            )
            raise InvalidInput(said, errors={"answer": [said]})


def _begin(question: Question, by: Agent) -> Article:
    domain = domain_for_tags(question.ticket.tags) or general_domain()
    template = template_named(domain.template)
    return services.draft_article(
        question.ticket,
        by=by,
        parts=drafting.fitted(_parts(question), template),
        note=_both_names(question),
    )


def _fill_in(article: Article, question: Question, by: Agent) -> None:
    """Put the answer where the draft's answer stands, below what somebody wrote there."""
    version = article.current_version
    seen = readable_parts(version, by)
    name = _answer_field(template_of(version))
    given = _parts(question)["resolution"]
    before = seen.get(name, "").strip()
    text = before if given in before else "\n\n".join(filter(None, (before, given)))
    articles.save_version(
        article,
        version.title,
        {**seen, name: text},
        by=by,
        base=version.number,
        note=_both_names(question),
        happened_in=question.ticket_id,
    )


def _parts(question: Question) -> dict[str, str]:
    requester = question.ticket.requester
    return {
        "issue": question.quote or question.text,
        "resolution": mask(question.answer, requester),
    }


def _answer_field(template: Template) -> str:
    return next(field.name for field in template.fields if field.need is Need.ANSWER)


def _both_names(question: Question) -> str:
    return f"asked by {question.asked_by.name}, answered by {question.turn.name}"


def _passages(answer: str) -> Iterator[str]:
    """The lines of an answer, or all of it where it is one short line."""
    whole = _squeezed(to_text(answer))
    yield whole
    for line in to_text(answer).splitlines():
        squeezed = _squeezed(line)
        if len(squeezed) >= SHORTEST_PASSAGE:
            yield squeezed


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()
