"""Pages for administrators: take over the help centre of a connection, and see what became of each text."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from kcs.adopting.models import Taken
from kcs.adopting.queries import adoption_of, counts_of, page_of_texts
from kcs.adopting.services import begin
from kcs.adopting.targets import present_target, target_of
from kcs.database import db
from kcs.markup import mark_safe
from kcs.people.access import Permission, requires
from kcs.sentences import Sentence
from kcs.tickets.models import Connection
from kcs.tickets.queries import get_connection

bp = Blueprint("adopting", __name__, template_folder="templates")

# What became of a text, in words.
WORDS: dict[Taken, Sentence] = {
    Taken.OUTSIDE: Sentence("For readers outside"),
    Taken.DRAFT: Sentence("Drafts"),
    Taken.INSIDE: Sentence("For colleagues alone"),
    Taken.OURS: Sentence("Written from here"),
    Taken.REFUSED: Sentence("Not taken"),
}


@bp.get("/admin/connections/<connection>/adoption")
@requires(Permission.OPERATE)
def show(connection: str) -> ResponseReturnValue:
    """Show how far it has come, and the texts that somebody should look at."""
    target = present_target(get_connection(connection))
    if target is None:
        flash(_("Say first where articles go: new ones go there, and those that are there stay."), "warning")
        return redirect(url_for("publishing_rules.show", connection=connection))
    taken = request.args.get("taken", "")
    page = page_of_texts(
        target,
        page=request.args.get("page", 1, type=int),
        taken=Taken(taken) if taken in list(Taken) else None,
    )
    return render_template(
        "adopting/show.html",
        connection=target.connection,
        adoption=adoption_of(target),
        counts=counts_of(target),
        page=page,
        taken=taken,
        words=WORDS,
    )


@bp.post("/admin/connections/<connection>/adoption")
@requires(Permission.OPERATE)
def start(connection: str) -> ResponseReturnValue:
    """Begin, or go through it once more; the work is done in the background."""
    begin(target_of(get_connection(connection)), in_background=True, again=True)
    db.session.commit()
    flash(_("The articles come in the background. This page says how far it is."), "success")
    return redirect(url_for(".show", connection=connection), 303)


def part(connection: Connection) -> Markup:
    """Return what the page of a connection says of it."""
    target = present_target(connection)
    return mark_safe(
        render_template(
            "adopting/_part.html",
            connection=connection,
            adoption=adoption_of(target) if target else None,
            counts=counts_of(target) if target else {},
        )
    )
