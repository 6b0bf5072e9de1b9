"""On the page of a connection: what is written to its tickets, how a note looks, what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from kcs.ports import Provider
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
    return mark_safe(
        render_template(
            "writing_back/part.html",
            connection=connection,
            on=[label for kind, (label, _help) in KINDS.items() if kind.value in connection.writes],
            not_written=len(not_written(connection)),
        )
    )


@bp.get("/<connection>/writes")
@requires(Permission.OPERATE)
def show(connection: str) -> ResponseReturnValue:
    """Show what is written, how the notes look, and what could not be written."""
    found = get_connection(connection)
    names = {"tag_prefix": found.tag_prefix, "state_field": found.state_field}
    return _page(found, found.writes, names)


@bp.post("/<connection>/writes")
@requires(Permission.OPERATE)
def save(connection: str) -> ResponseReturnValue:
    """Say what is written from now on."""
    found = get_connection(connection)
    kinds = [kind for kind in WriteBack if kind.value in request.form]
    names = {field: request.form.get(field, "") for field in ("tag_prefix", "state_field")}
    try:
        set_writes(found, kinds, **names, by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _page(get_connection(connection), [*kinds], names, error.errors), error.status
    flash(_("Saved. It holds for whatever happens from now on."), "success")
    return redirect(f"{bp.url_prefix}/{connection}", code=303)


def _page(
    connection: Connection,
    chosen: Sequence[str],
    names: Mapping[str, str],
    errors: Mapping[str, object] | None = None,
) -> str:
    settings: Settings = current_app.config["KCS"]
    places = Places(settings.base_url, connection.name, "4711")
    return render_template(
        "writing_back/show.html",
        connection=connection,
        kinds=_kinds(connection),
        chosen=chosen,
        names=names,
        errors=errors or {},
        tags=sorted(own_tags(connection)),
        reminds=connection.closing is ClosePolicy.REMIND,
        suggestions=mark_safe(_example(places)),
        reminder=mark_safe(reminder_html(current_agent().name, places)),
        not_written=not_written(connection),
        connections_url=f"{bp.url_prefix}/",
        back=f"{bp.url_prefix}/{connection.name}",
    )


def _kinds(connection: Connection) -> dict[WriteBack, tuple[Sentence, Sentence]]:
    """Return what can be written, with its words: no pins to a desk that has none."""
    provider: Provider | None = current_app.extensions["kcs.providers"].get(connection.provider)
    has_pins = provider is None or provider.set_up.has_pins
    return {kind: words for kind, words in KINDS.items() if has_pins or kind is not WriteBack.PINS}


def _example(places: Places) -> str:
    suggested = [
        Suggested(
            f"KB-{1000 + number}", translated(title), translated(ARTICLE_STATES[state]), (translated(why),)
        )
        for number, (title, state, why) in enumerate(EXAMPLES, start=1)
    ]
    return suggestions_html(suggested, places)
