"""What stands beside a ticket, on its page and in the panel: its knowledge, and anew after each act."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs import database
from kcs.articles import rights
from kcs.articles.layout import offered_templates
from kcs.articles.trust import is_check_due, trust_of
from kcs.config import Settings
from kcs.database import db
from kcs.errors import KcsError
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, is_embedded, may
from kcs.search import answers
from kcs.search.following import linking_after, opened
from kcs.search.suggesting import Suggestions
from kcs.sentences import Sentence
from kcs.solving import queries
from kcs.solving.closing import Closing, closing_of
from kcs.solving.delivered import delivered_by
from kcs.solving.handing_over import desk_origin
from kcs.solving.models import ExemptionReason, LinkRole
from kcs.solving.parts import parts_of
from kcs.tickets.models import Ticket
from kcs.tickets.queries import get_ticket
from workflow import solve
from workflow.article import ArticleState
from workflow.solve import Act, KnowledgeState

EXEMPTION_WORDS = {
    ExemptionReason.NO_KNOWLEDGE: Sentence("No knowledge in it"),
    ExemptionReason.SPAM_OR_DUPLICATE: Sentence("Spam or duplicate"),
    ExemptionReason.WAITING_ON_PRODUCT: Sentence("Waiting on product"),
    ExemptionReason.CONFIDENTIAL: Sentence("Confidential"),
    ExemptionReason.OUT_OF_SCOPE: Sentence("Out of scope"),
    ExemptionReason.OTHER: Sentence("Other: say why"),
}
UNDECIDED = (KnowledgeState.CAPTURE, KnowledgeState.UNANSWERED)

# Does one act and says in a sentence what it did.
Do = Callable[[Ticket], str]


def acted(
    connection: str,
    ticket_id: str,
    act: Do,
    *,
    shown: Mapping[str, object] | None = None,
    links: bool = False,
    lead_to: str | None = None,
) -> ResponseReturnValue:
    """Do one act and show the ticket's knowledge as it then is; what went wrong is said there too.

    `shown` is further context, filled by the act. `links`: the act links an article, from a search that the
    form may name. `lead_to`: where a whole page goes on, instead of back to the ticket.
    """
    ticket = get_ticket(connection, ticket_id)
    searched = opened(request.form.get("from", "")) if links else None
    failed = None
    try:
        said, kind = translated(act(ticket)), "success"
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        said, kind, failed = translated(error.message), "error", request.endpoint
    if by_htmx():
        more = shown if shown and not failed else {}
        told = {"said": said, "kind": kind, "failed": failed, "tried": request.form, **more}
        with only_reading():
            page = render_template(
                "tickets/_knowledge.html", **told, **context(get_ticket(connection, ticket_id))
            )
        response = make_response(page)
    else:
        flash(said, kind)
        back = url_for("tickets.show", connection=connection, ticket_id=ticket_id)
        response = make_response(redirect(back if failed else lead_to or back, code=303))
    if searched is None or failed:
        return response
    return linking_after(response, searched, request.form.get("article", ""))


@contextmanager
def only_reading() -> Iterator[None]:
    """From here on this request writes nothing: what it did is committed, and others may write meanwhile."""
    db.session.rollback()
    with database.reading():
        yield


def by_htmx() -> bool:
    """True when a part of a page is asked for, not a page."""
    return request.headers.get("HX-Request") == "true"


def in_panel() -> bool:
    """True on the panel itself, and when it was there that something was done."""
    panel = url_for("panel.show")
    return is_embedded() or panel in (request.path, urlsplit(request.headers.get("HX-Current-URL", "")).path)


def next_url(ticket: Ticket) -> str | None:
    """Return what leads on from `ticket`: None in a frame of its desk, where the panel stays with it."""
    after = f"{ticket.connection.name}/{ticket.remote_id}"
    if not in_panel():
        return url_for("closing.next_ticket", after=after)
    if is_embedded() or held_by(ticket) is not None:
        return None
    return url_for("closing.next_ticket", after=after, panel=1)


def held_by(ticket: Ticket) -> str | None:
    """Return the origin of the desk whose frame holds the panel, None when it stands for itself."""
    page, origin = urlsplit(request.headers.get("HX-Current-URL", request.url)), desk_origin(ticket)
    return origin if origin in parse_qs(page.query).get("origin", []) else None


def may_work() -> bool:
    """True when whoever asks may work on a ticket's knowledge."""
    return may(current_agent(), Permission.WORK)


def context(ticket: Ticket) -> dict[str, object]:
    """Return what the knowledge of a ticket is shown from; what may be linked is asked for after it."""
    links, now = queries.present_links(ticket), database.now()
    return {
        "ticket": ticket,
        "links": links,
        "editable": {link.article_id for link in links if rights.may_edit(current_agent(), link.article)},
        "trust": trust_of((link.article for link in links), now=now),
        "to_confirm": [
            link.article_id
            for link in links
            if link.role is LinkRole.RESOLUTION
            and is_check_due(link.article, now)
            and rights.may_confirm(current_agent(), link.article)
        ],
        "delivered": {link.id: delivered_by(link) for link in links},
        "exemption": queries.present_exemption(ticket),
        "draft": queries.draft_in_making(ticket),
        "undecided": ticket.knowledge_state in UNDECIDED,
        "closing": closing(ticket, None),
        "reasons": EXEMPTION_WORDS,
        "reason_options": [(reason.value, words) for reason, words in EXEMPTION_WORDS.items()],
        "templates": [(each.key, each.name) for each in offered_templates()],
        "languages": answers.languages(current_agent()),
        "acts": solve.possible(ticket.knowledge_state),
        "Act": Act,
        "WIP": ArticleState.WIP,
        "may_work": may_work(),
        "in_panel": in_panel(),
        "next_url": next_url(ticket),
        "parts": parts_of(ticket, current_agent()),
    }


def closing(ticket: Ticket, given: Suggestions | None) -> Closing:
    """Return the close-time step: with what is suggested, once that is known."""
    best = [each.article for each in given.found] if given else []
    return closing_of(
        ticket, current_agent(), best=best, draft_first=given is not None and is_draft_first(given)
    )


def is_draft_first(given: Suggestions) -> bool:
    """True when there is probably no article: a draft is then the quickest way on."""
    settings: Settings = current_app.config["KCS"]
    return given.no_article >= settings.no_article_percent / 100
