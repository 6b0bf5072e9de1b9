"""Asking an expert from a ticket, and the questions of whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from kcs import database, i18n
from kcs.articles.models import Article
from kcs.articles.trust import trust_of
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, NotAllowed
from kcs.experts import services
from kcs.experts.before import Before, asked_before
from kcs.experts.beside import MAY_SHOW_WORDS, STATE_WORDS, may_show_of, options, part, part_context, terms
from kcs.experts.drafting import make_draft
from kcs.experts.models import Question
from kcs.experts.queries import (
    QuestionList,
    closed_because,
    count_questions,
    get_question,
    page_of_questions,
    questions_behind,
)
from kcs.experts.whom import person_named
from kcs.extensions import limiter
from kcs.people.access import Permission, current_agent, may, requires
from kcs.people.models import Agent
from kcs.solving import drafting
from kcs.tickets.models import Ticket
from kcs.tickets.queries import get_ticket
from kcs.views import Listing, chosen

bp = Blueprint("experts", __name__, template_folder="templates")

LIST_WORDS = {
    QuestionList.WAITING: lazy_gettext("Waiting for you"),
    QuestionList.ASKED: lazy_gettext("You asked"),
    QuestionList.ALL: lazy_gettext("All"),
}


@bp.get("/tickets/<connection>/<ticket_id>/ask")
@requires(Permission.WORK)
def ask_form(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Show the form, filled in from the ticket; `closed` puts it away again."""
    ticket = get_ticket(connection, ticket_id)
    if "closed" in request.args:
        return part(ticket, current_agent()) if _by_htmx() else _to_ticket(ticket)
    title, parts = drafting.compose(ticket, ticket.messages)
    return _shown(ticket, form={"text": title, "quote": parts.get("issue", "")})


@bp.post("/tickets/<connection>/<ticket_id>/ask")
@requires(Permission.WORK)
@limiter.limit("60 per hour")
def ask(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Ask; a question that was asked before, or that an article answers, is shown first."""
    ticket, form = get_ticket(connection, ticket_id), request.form.to_dict()
    text, quote = form.get("text", ""), form.get("quote", "")
    try:
        to = person_named(form.get("other", "").strip() or form.get("to", ""), terms())
        if not form.get("anyway"):
            index = current_app.extensions["kcs.search"]
            before = asked_before(index, ticket, text, quote, by=current_agent())
            if before and text.strip():
                db.session.rollback()
                return _shown(get_ticket(connection, ticket_id), form=form, before=before)
        question = services.ask(
            ticket,
            text,
            by=current_agent(),
            to=to,
            quote=quote,
            language=i18n.language(),
            terms=terms(),
        )
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        errors = error.errors or {"to": [error.message]}
        return _shown(get_ticket(connection, ticket_id), form=form, errors=errors, status=error.status)
    return _done(ticket, _asked_words(question))


@bp.post("/questions/<int:question_id>/draft")
@requires(Permission.WORK)
def draft(question_id: int) -> ResponseReturnValue:
    """Make the answer a draft with both names."""
    return _act_on(question_id, lambda question: _drafted_words(make_draft(question, by=current_agent())))


@bp.post("/questions/<int:question_id>/withdraw")
@requires(Permission.WORK)
def withdraw(question_id: int) -> ResponseReturnValue:
    """Take a question back."""

    def act(question: Question) -> str:
        services.withdraw(question, by=current_agent())
        return _("Taken back: the link opens nothing any more.")

    return _act_on(question_id, act)


@bp.get("/questions")
@requires(Permission.SIGNED_IN)
def list_questions() -> ResponseReturnValue:
    """List questions: those that wait for this person, those they asked, or all."""
    which, agent = chosen(QuestionList, "list") or QuestionList.WAITING, current_agent()
    page = Listing.asked_for(lambda number: page_of_questions(which, agent, page=number))
    return render_template(
        "experts/list.html",
        page=page,
        which=which,
        labels=LIST_WORDS,
        states=STATE_WORDS,
        counts={each: count_questions(each, agent) for each in QuestionList},
        works=may(agent, Permission.WORK),
    )


@bp.get("/questions/<int:question_id>")
@requires(Permission.SIGNED_IN)
def show(question_id: int) -> ResponseReturnValue:
    """Show a question, with a form for whose turn it is."""
    return _question_page(get_question(question_id, current_agent()))


@bp.post("/questions/<int:question_id>/answer")
@requires(Permission.SIGNED_IN)
def answer(question_id: int) -> ResponseReturnValue:
    """Answer as the colleague whose turn it is."""

    def act(question: Question) -> str:
        may_show = may_show_of(request.form.get("may_show", ""))
        services.answer(question.turn, request.form.get("answer", ""), may_show=may_show, terms=terms())
        return _("Thank you: your answer is beside the ticket.")

    return _at_own_turn(question_id, act)


@bp.post("/questions/<int:question_id>/pass-on")
@requires(Permission.SIGNED_IN)
def pass_on(question_id: int) -> ResponseReturnValue:
    """Say who knows it better."""

    def act(question: Question) -> str:
        to = person_named(request.form.get("to", ""), terms())
        remark = request.form.get("remark", "")
        given = services.pass_on(question.turn, to, remark=remark, terms=terms())
        return _("Thank you: it is passed on to %(name)s.", name=given.name)

    return _at_own_turn(question_id, act)


def panel(article: Article, agent: Agent) -> str:
    """Show on an article's page whose answers it was drafted from."""
    behind = questions_behind(article)
    works = may(agent, Permission.WORK)
    return render_template("experts/_article_panel.html", questions=behind, works=works) if behind else ""


def _shown(
    ticket: Ticket,
    *,
    form: dict[str, str],
    before: Before | None = None,
    errors: dict[str, object] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    agent = current_agent()
    context = {
        **part_context(ticket, agent),
        "form": form,
        "before": before,
        "errors": errors or {},
        "options": [] if before else options(ticket, agent),
        "trust": trust_of([before.article], now=database.now()) if before and before.article else {},
    }
    if _by_htmx():
        return render_template("experts/_part.html", **context)
    return render_template("experts/ask.html", **context), status


def _asked_words(question: Question) -> str:
    name = question.turn.name
    if terms().mails:
        return _("Asked: %(name)s gets a mail with a link to answer.", name=name)
    return _("Asked. No mail is set up here: pass the link below on to %(name)s.", name=name)


def _drafted_words(article: Article) -> str:
    return _("%(key)s holds the answer, with both names: read it over.", key=article.key)


def _by_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def _done(ticket: Ticket, said: str) -> ResponseReturnValue:
    if _by_htmx():
        return render_template("experts/_part.html", said=said, **part_context(ticket, current_agent()))
    flash(said, "success")
    return _to_ticket(ticket)


def _to_ticket(ticket: Ticket) -> ResponseReturnValue:
    address = url_for("tickets.show", connection=ticket.connection.name, ticket_id=ticket.remote_id)
    return redirect(address, code=303)


def _act_on(question_id: int, act: Callable[[Question], str]) -> ResponseReturnValue:
    """Do one act; the page it was done from is loaded anew, for the whole ticket may have changed."""
    question = get_question(question_id, current_agent())
    ticket = question.ticket
    try:
        said, kind = act(question), "success"
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        said, kind = i18n.translated(error.message), "error"
    flash(said, kind)
    if _by_htmx():
        return make_response("", 200, {"HX-Refresh": "true"})
    return _to_ticket(ticket)


def _at_own_turn(question_id: int, act: Callable[[Question], str]) -> ResponseReturnValue:
    question = get_question(question_id, current_agent())
    if question.turn.agent_id != current_agent().id:
        raise NotAllowed(_("It is %(name)s's turn to answer this question.", name=question.turn.name))
    try:
        said = act(question)
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        question = get_question(question_id, current_agent())
        return _question_page(question, problem=error), error.status
    flash(said, "success")
    return redirect(url_for("experts.show", question_id=question_id), code=303)


def _question_page(question: Question, problem: KcsError | None = None) -> str:
    agent, turn = current_agent(), question.turn
    own = turn.agent_id == agent.id
    return render_template(
        "experts/show.html",
        question=question,
        turn=turn,
        own=own,
        closed=closed_because(turn, database.now()),
        states=STATE_WORDS,
        may_show_words=MAY_SHOW_WORDS,
        works=may(agent, Permission.WORK),
        errors=problem.errors if isinstance(problem, InvalidInput) else {},
        problem=problem.message if problem else "",
        form=request.form,
    )
