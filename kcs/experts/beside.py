"""What stands beside a ticket: what was asked from it, and whom its form offers to ask."""

from __future__ import annotations

from flask import current_app, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from kcs.experts.links import Terms
from kcs.experts.models import MayShow, Question, QuestionState
from kcs.experts.queries import questions_of
from kcs.experts.whom import Choice, Why, choices
from kcs.people.access import Permission, may
from kcs.people.models import Agent
from kcs.solving.queries import present_links
from kcs.solving.suggestions import suggest
from kcs.tickets.models import Ticket

STATE_WORDS = {
    QuestionState.OPEN: lazy_gettext("Waiting for an answer"),
    QuestionState.ANSWERED: lazy_gettext("Answered"),
    QuestionState.WITHDRAWN: lazy_gettext("Taken back"),
    QuestionState.EXPIRED: lazy_gettext("Nobody answered in time"),
}
MAY_SHOW_WORDS = {
    MayShow.CUSTOMERS: lazy_gettext("Customers may see it"),
    MayShow.INTERNAL: lazy_gettext("For colleagues alone"),
}
SUGGESTED = 3  # articles whose owners are suggested


def terms() -> Terms:
    """Return how experts are asked here."""
    found: Terms = current_app.extensions["kcs.experts"]
    return found


def part(ticket: Ticket, agent: Agent) -> str:
    """Show beside a ticket what was asked from it, and offer to ask."""
    return render_template("experts/_part.html", **part_context(ticket, agent))


def may_show_of(given: str) -> MayShow:
    """Return whom the answer is for; what was not chosen stays inside."""
    return MayShow.CUSTOMERS if given == MayShow.CUSTOMERS.value else MayShow.INTERNAL


def part_context(ticket: Ticket, agent: Agent) -> dict[str, object]:
    """Return what the part shows; a form is added by whoever shows one."""
    questions = questions_of(ticket, agent)
    addresses = {} if terms().mails else {each.id: _address(each, agent) for each in questions}
    return {
        "ticket": ticket,
        "questions": questions,
        "addresses": addresses,
        "states": STATE_WORDS,
        "may_show_words": MAY_SHOW_WORDS,
        "agent": agent,
        "works": may(agent, Permission.WORK),
        "mails": terms().mails,
        "form": None,
    }


def _address(question: Question, agent: Agent) -> str | None:
    """Without a mail server, whoever asked passes the link on by hand."""
    waits = question.state is QuestionState.OPEN and question.asked_by_id == agent.id
    return terms().address_of(question.turn) if waits else None


def options(ticket: Ticket, agent: Agent) -> list[tuple[str, str]]:
    """Return whom the form offers: owners of what is linked and suggested, then the domain's experts."""
    index = current_app.extensions["kcs.search"]
    found = suggest(index, ticket, reader=agent, limit=SUGGESTED).found
    articles = [*(link.article for link in present_links(ticket)), *(each.article for each in found)]
    return [(each.agent.email, _choice_words(each)) for each in choices(ticket, articles, by=agent)]


def _choice_words(choice: Choice) -> str:
    name, of = choice.agent.name, choice.of
    if choice.why is Why.OWNER:
        return _("%(name)s, owner of %(key)s", name=name, key=of)
    return _("%(name)s, expert of %(domain)s", name=name, domain=of)
