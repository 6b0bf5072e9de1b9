"""Answering without a seat: a page behind a link that opens one question and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import lazy_gettext

from kcs import database, i18n
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, WorkflowError
from kcs.experts import services
from kcs.experts.beside import MAY_SHOW_WORDS, may_show_of, terms
from kcs.experts.models import QuestionState, Turn
from kcs.experts.queries import Closed, closed_because, turn_of_token
from kcs.experts.services import BY_LINK
from kcs.experts.whom import person_named
from kcs.extensions import csrf, limiter
from kcs.people.access import Permission, requires

bp = Blueprint("answers", __name__, url_prefix="/answer", template_folder="templates")

LONGEST_TOKEN = 100
CLOSED_TITLES = {
    None: lazy_gettext("This link does not open a question"),
    Closed.PASSED_ON: lazy_gettext("You passed this question on"),
    Closed.WITHDRAWN: lazy_gettext("No answer is needed any more"),
    Closed.DRAFTED: lazy_gettext("Your answer has become an article"),
    Closed.EXPIRED: lazy_gettext("The time to answer is over"),
    Closed.LEFT: lazy_gettext("This link does not open a question"),
}
CLOSED_WORDS = {
    None: lazy_gettext(
        "It may have been cut in the mail: copy it whole, up to its last sign. If it still opens nothing, "
        "ask whoever sent it for a new one."
    ),
    Closed.PASSED_ON: lazy_gettext(
        "Thank you. Whoever you named has a link of their own; yours is no longer needed."
    ),
    Closed.WITHDRAWN: lazy_gettext("Whoever asked has taken the question back. Thank you all the same."),
    Closed.DRAFTED: lazy_gettext("Thank you. If something in it should change, write to whoever asked you."),
    Closed.EXPIRED: lazy_gettext(
        "If you still know the answer, write to whoever asked: they can send you a new link."
    ),
    Closed.LEFT: lazy_gettext("Ask whoever sent it for a new one."),
}


def wire(app: Flask) -> None:
    """Let nothing of a page behind a link get elsewhere: no index, no address handed on.

    Before Talisman is bound, so that this is the last word on these headers.
    """
    app.after_request(_keep_apart)


def _keep_apart(response: Response) -> Response:
    if request.blueprint == bp.name:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


# No cookie and no session stand behind these forms: the link itself, which no other page knows, is what a
# forged request would need. So there is nothing for a CSRF token to protect.
csrf.exempt(bp)


@bp.get("/<token>")
@requires(Permission.PUBLIC)
@limiter.limit("60 per minute")
def show(token: str) -> ResponseReturnValue:
    """Show the question, its quote, and the form."""
    return _with_turn(token, _page)


@bp.post("/<token>")
@requires(Permission.PUBLIC)
@limiter.limit("10 per minute; 60 per hour")
def give(token: str) -> ResponseReturnValue:
    """Take the answer, or a change of it."""

    def act(turn: Turn) -> None:
        services.answer(
            turn,
            request.form.get("answer", ""),
            may_show=may_show_of(request.form.get("may_show", "")),
            name=request.form.get("name", ""),
            terms=terms(),
            authority=BY_LINK,
        )

    return _do(token, act)


@bp.post("/<token>/pass-on")
@requires(Permission.PUBLIC)
@limiter.limit("5 per minute; 20 per hour")
def pass_on(token: str) -> ResponseReturnValue:
    """Take the word of who knows it better."""

    def act(turn: Turn) -> None:
        to = person_named(request.form.get("to", ""), terms())
        remark = request.form.get("remark", "")
        services.pass_on(turn, to, remark=remark, terms=terms(), authority=BY_LINK)

    return _do(token, act)


def _do(token: str, act: Callable[[Turn], None]) -> ResponseReturnValue:
    def tried(turn: Turn) -> ResponseReturnValue:
        try:
            act(turn)
            db.session.commit()
        except (InvalidInput, WorkflowError) as error:
            db.session.rollback()
            problem = error
            return _with_turn(token, lambda again: (_page(again, problem), problem.status))
        return redirect(url_for("answers.show", token=token), code=303)

    return _with_turn(token, tried)


def _with_turn(token: str, then: Callable[[Turn], ResponseReturnValue]) -> ResponseReturnValue:
    turn = turn_of_token(token) if len(token) <= LONGEST_TOKEN else None
    why = closed_because(turn, database.now()) if turn is not None else None
    if turn is None or why is not None:
        status = 404 if why in (None, Closed.LEFT) else 410
        return _closed(why), status
    i18n.fall_back_to(turn.question.language)
    return then(turn)


def _page(turn: Turn, problem: KcsError | None = None) -> str:
    question = turn.question
    return render_template(
        "experts/answer.html",
        question=question,
        turn=turn,
        answered=question.state is QuestionState.ANSWERED,
        errors=problem.errors if problem else {},
        problem=problem.message if problem else "",
        form=request.form,
        may_show_words=MAY_SHOW_WORDS,
    )


def _closed(why: Closed | None) -> str:
    return render_template("experts/closed.html", title=CLOSED_TITLES[why], advice=CLOSED_WORDS[why])
