"""Asking a colleague to write what a search did not find, and settling what one was asked."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs.authoring import writing_requests
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.access import Permission, current_agent, requires

bp = Blueprint("writing_requests", __name__, template_folder="templates", url_prefix="/writing-requests")


@bp.get("/new")
@requires(Permission.WORK)
def new() -> ResponseReturnValue:
    """Offer to ask a colleague to write what these words look for."""
    return _page({"words": request.args.get("words", "")})


@bp.post("")
@requires(Permission.WORK)
def ask() -> ResponseReturnValue:
    """Ask them; it stands in their My work from now on."""
    typed = request.form.to_dict()
    agent = next((each for each in writing_requests.writers() if each.email == typed.get("to")), None)
    try:
        asked = writing_requests.ask_to_write(typed.get("words", ""), agent, by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _page(typed, error), error.status
    flash(_("%(name)s is asked to write it: it stands in their My work.", name=asked.agent.name), "success")
    return redirect(url_for("search.show", q=asked.words), code=303)


@bp.post("/<int:request_id>/dismiss")
@requires(Permission.WORK)
def dismiss(request_id: int) -> ResponseReturnValue:
    """Say that nothing is to be written: an article answers it already, or nobody needs one."""
    asked = writing_requests.get_request(request_id, current_agent())
    writing_requests.dismiss(asked, by=current_agent())
    db.session.commit()
    flash(_("“%(words)s” is off the list: nothing is to be written.", words=asked.words), "success")
    return redirect(url_for("my_work.index"), code=303)


def _page(typed: dict[str, str], error: InvalidInput | None = None) -> str:
    people = [(person.email, person.name) for person in writing_requests.writers()]
    return render_template(
        "authoring/ask_to_write.html",
        typed=typed,
        people=[("", _("choose somebody")), *people],
        errors=error.errors if error else {},
    )
