"""What the pages of reviews show: everything a template asks for, through what the reader may see."""

from __future__ import annotations

from flask import render_template, request

from kcs import database, words
from kcs.articles import rights
from kcs.articles.diff import Change, word_diff
from kcs.articles.layout import template_of, writable_fields
from kcs.articles.models import Article, Version
from kcs.articles.rendering import reader_markup
from kcs.errors import KcsError, StaleVersion
from kcs.people.access import current_agent
from kcs.people.models import Agent
from kcs.reviews import judging, queries, services
from kcs.reviews.comments import commentable, marked
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from kcs.sentences import Sentence
from workflow.article import Audience
from workflow.permissions import Right

AUDIENCES = [(each.value, words.AUDIENCES[each]) for each in reversed(Audience) if each != "internal"]


def review_page(review: ReviewRequest, error: KcsError | None = None) -> str:
    """Return the page of one review, with what went wrong and what was typed when something did."""
    reader, article, version = current_agent(), review.article, review.version
    comments = queries.readable_comments(review, reader)
    numbers = {each.id: number for number, each in enumerate(comments, 1)}
    fields = commentable(version, reader)
    before = queries.compared_with(review)
    decides = judging.may_decide(reader, review)
    return render_template(
        "reviews/show.html",
        review=review,
        article=article,
        version=version,
        problem=error.message if error else "",
        texts=[
            (name, label, marked(text, [each for each in comments if each.field == name]))
            for name, (label, text) in fields.items()
        ],
        labels={name: label for name, (label, _) in fields.items()},
        comments=comments,
        numbers=numbers,
        before=before,
        before_name=_name_of(before, article),
        diff=differences(before, version, reader) if before else [],
        html=reader_markup(version, reader),
        decides=decides,
        answers=judging.may_answer(reader, review) and review.state in queries.ACTIVE,
        may_edit=rights.may_edit(reader, article),
        behind=review.asks is Asks.CHANGE and version.base_id != article.current_version_id,
        settled=review.state not in queries.ACTIVE,
        sent_back=review.state is ReviewState.RETURNED,
        typed=request.form,
        writable=writable_fields(template_of(version), reader) if decides else [],
        has_said=any(each.agent_id == reader.id and each.version_id == version.id for each in comments),
        tickets=queries.ticket_count(article),
        template=template_of(version),
        audiences=AUDIENCES,
        now=database.now(),
        next=queries.next_in_queue(review, reader),
        previous=queries.next_in_queue(review, reader, back=True),
    )


def differences(before: Version, after: Version, reader: Agent) -> list[tuple[str, list[Change]]]:
    """Return each field that differs between two texts, as far as the reader may see them."""
    old, new = commentable(before, reader), commentable(after, reader)
    return [
        (label, word_diff(old.get(name, ("", ""))[1], new.get(name, ("", ""))[1]))
        for name, (label, _) in {**old, **new}.items()
        if old.get(name, ("", ""))[1] != new.get(name, ("", ""))[1]
    ]


def proposal_form(
    article: Article, typed: tuple[str, dict[str, str]] | None = None, error: KcsError | None = None
) -> str:
    """Return the form of a proposal: what was typed, else the person's waiting one, else the present text."""
    reader, present = current_agent(), article.current_version
    rights.require(reader, article, Right.PROPOSE)
    waiting = services.proposal_of(article, reader)
    begun = waiting.version if waiting is not None else present
    shown = commentable(begun, reader)
    title, parts = typed or (begun.title, {name: text for name, (_, text) in shown.items()})
    stale = isinstance(error, StaleVersion)
    behind = typed is None and waiting is not None and begun.base_id != present.id
    return render_template(
        "reviews/propose.html",
        article=article,
        waiting=waiting,
        present=commentable(present, reader) if stale or behind else {},
        title=title,
        parts=parts,
        base=present.number,
        fields=writable_fields(template_of(present), reader),
        errors=error.errors if error and not stale else {},
        problem=error.message if error and (stale or not error.errors) else "",
        typed=request.form,
    )


def panel(article: Article, agent: Agent) -> str:
    """Return what an article's page says about its reviews, empty when there is nothing to say or ask."""
    reviews = queries.active_reviews(article)
    asked = {each.asks for each in reviews}
    may_propose = rights.authority_for(agent, article, Right.PROPOSE) is not None
    offers = [asks for asks in services.askable(article, agent) if asks not in asked] if may_propose else []
    proposes = may_propose and not rights.may_edit(agent, article) and article.state not in services.CLOSED
    if not (reviews or offers or proposes):
        return ""
    return render_template(
        "reviews/_panel.html",
        article=article,
        reviews=reviews,
        offers=offers,
        proposes=proposes,
        waiting=services.proposal_of(article, agent),
        decides={each.id for each in reviews if judging.may_decide(agent, each)},
        now=database.now(),
    )


def waiting_for(agent: Agent) -> int:
    """Return how many reviews wait for this person: the number beside "Reviews"."""
    return queries.count_for_me(agent)


def _name_of(version: Version | None, article: Article) -> str:
    if version is None:
        return ""
    if version.id == article.live_version_id:
        return Sentence("what readers see, version %(number)s", number=version.number)
    return Sentence("version %(number)s", number=version.number)
