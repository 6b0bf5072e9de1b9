"""The page on which an administrator sets what is asked of samples."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.people.access import Permission, current_agent, requires
from kcs.sampling import queries, services
from kcs.sampling.questions import Kind
from kcs.sentences import Sentence

bp = Blueprint("sample_questions", __name__, url_prefix="/admin/samples", template_folder="templates")

SET_WORDS = {
    Kind.ARTICLE: Sentence("Of an article"),
    Kind.TICKET: Sentence("Of a solved ticket"),
    Kind.LINK: Sentence("Of a link"),
}


@bp.get("/")
@requires(Permission.OPERATE)
def index() -> ResponseReturnValue:
    """Show the questions of each kind."""
    return _page()


@bp.post("/<asked_of>")
@requires(Permission.OPERATE)
def add(asked_of: str) -> ResponseReturnValue:
    """Add a question."""
    try:
        added = services.add_question(_kind(asked_of), request.form.get("text", ""), by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _page(kind=_kind(asked_of), error=error), error.status
    flash(_("Added: %(text)s", text=added.text), "success")
    return redirect(url_for("sample_questions.index"), code=303)


@bp.post("/<asked_of>/<code>")
@requires(Permission.OPERATE)
def switch(asked_of: str, code: str) -> ResponseReturnValue:
    """Switch a question on or off."""
    asked = request.form.get("asked") == "1"
    try:
        services.ask_question(_kind(asked_of), code, asked=asked, by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _page(kind=_kind(asked_of), error=error), error.status
    flash(_("Asked from now on.") if asked else _("Not asked any more; what was answered stays."), "success")
    return redirect(url_for("sample_questions.index"), code=303)


def _kind(asked_of: str) -> Kind:
    if asked_of not in list(Kind):
        raise NotFound("There are samples of articles, tickets and links.")
    return Kind(asked_of)


def _page(kind: Kind | None = None, error: InvalidInput | None = None) -> str:
    return render_template(
        "sampling/questions.html",
        sets=[(each, SET_WORDS[each], queries.all_questions(each)) for each in Kind],
        wrong=kind,
        problem=error.message if error else "",
        errors=error.errors if error else {},
        typed=request.form,
    )
