"""On the page of a connection: what is written to its tickets, how a note looks, what failed."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from kcs.config import Settings
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.i18n import translated
from kcs.markup import mark_safe
from kcs.people.access import Permission, current_agent, requires
from kcs.sentences import Sentence
from kcs.tickets.knowledge_tags import own_tags
from kcs.tickets.models import ClosePolicy, Connection, WriteBack
from kcs.tickets.queries import get_connection
from kcs.words import ARTICLE_STATES
from kcs.writing_back.notes import Places, Suggested, reminder_html, suggestions_html
from kcs.writing_back.queries import not_written
from kcs.writing_back.switches import set_writes

bp = Blueprint("writing_back", __name__, url_prefix="/admin/connections", template_folder="templates")

KINDS = {
    WriteBack.SUGGESTIONS: (
        Sentence("Suggestions"),
        Sentence("A private note on a new ticket with the articles that may answer it."),
    ),
    WriteBack.REMINDER: (
        Sentence("Reminder"),
        Sentence("A private note when a ticket was solved without an article, a minute later."),
    ),
    WriteBack.TAG: (
        Sentence("Tag"),
        Sentence("The knowledge state as a tag, for the desk's own views and reports. Other tags stay."),
    ),
    WriteBack.FIELD: (
        Sentence("Field"),
        Sentence("The same name in a custom field."),
    ),
    WriteBack.PINS: (
        Sentence("Pins"),
        Sentence("Linked articles of the help centre are pinned to the ticket, where the desk has pins."),
    ),
}
EXAMPLES = (
    (Sentence("The export button stays grey"), "published", Sentence("matches “export” in the title")),
    (Sentence("Reports open empty after the update"), "validated", Sentence("has answered 12 tickets")),
)


def part(connection: Connection) -> Markup:
    """Return what the page of a connection shows of this."""
    settings: Settings = current_app.config["KCS"]
    places = Places(settings.base_url, connection.name, "4711")
    return mark_safe(
        render_template(
            "writing_back/part.html",
            connection=connection,
            kinds=KINDS,
            tags=sorted(own_tags(connection)),
            reminds=connection.closing is ClosePolicy.REMIND,
            suggestions=mark_safe(_example(places)),
            reminder=mark_safe(reminder_html(current_agent().name, places)),
            not_written=not_written(connection),
        )
    )


@bp.post("/<name>/writes")
@requires(Permission.OPERATE)
def save(name: str) -> ResponseReturnValue:
    """Say what is written from now on."""
    connection = get_connection(name)
    try:
        set_writes(
            connection,
            [kind for kind in WriteBack if kind.value in request.form],
            state_field=request.form.get("state_field", ""),
            tag_prefix=request.form.get("tag_prefix", ""),
            by=current_agent(),
        )
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        flash(_told(error.errors), "error")
    else:
        flash(_("Saved. It holds for whatever happens from now on."), "success")
    return redirect(f"/admin/connections/{name}#writing-back", code=303)


def _told(errors: Mapping[str, object]) -> str:
    labels = {"state_field": _("Field"), "tag_prefix": _("Beginning of the tags")}
    said = [
        (labels[name], text) for name, texts in errors.items() if isinstance(texts, list) for text in texts
    ]
    return " ".join(f"{label}: {translated(text)}." for label, text in said)


def _example(places: Places) -> str:
    suggested = [
        Suggested(
            f"KB-{1000 + number}", translated(title), translated(ARTICLE_STATES[state]), (translated(why),)
        )
        for number, (title, state, why) in enumerate(EXAMPLES, start=1)
    ]
    return suggestions_html(suggested, places)
