"""The panel within a desk's own pages, worked with a bearer token: the desk proves who visits, or we do.

No cookie is read or set in the frame: browsers keep those of other sites out of it. The window that our own
sign-in opens beside it is a page like any other. The whole is in docs/zendesk-app.md and
docs/freshdesk-app.md.
"""

from __future__ import annotations

import re
from typing import Protocol

import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from marshmallow import ValidationError

from kcs import database, i18n
from kcs.database import db
from kcs.embedding.opening import Holder, hand_over, open_page, own_sign_in
from kcs.embedding.queries import asked_at_save
from kcs.embedding.routes import EMBEDDED_ENDPOINTS
from kcs.embedding.schemas import PassedListIn
from kcs.embedding.services import keep_passed
from kcs.errors import BadRequest, ConfigError, KcsError, NotAllowed, NotFound, NotSignedIn, RemoteError
from kcs.extensions import bearer, csrf, limiter
from kcs.i18n import translated
from kcs.people.access import EMBEDDED, Permission, current_agent, requires
from kcs.people.embedded import extend_embedded
from kcs.sentences import Sentence
from kcs.solving.beside import context
from kcs.tickets.queries import TicketList, count_tickets, get_connection, get_ticket

bp = Blueprint("embedding", __name__, url_prefix="/embed", template_folder="templates")

log = structlog.get_logger()

HINT = "kcs.embedding.hint"
OPENED = "opened"
_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)

# What whoever opens the app is told when it cannot be opened: what it is, and what to do.
PROBLEMS: dict[type[KcsError], tuple[Sentence, Sentence]] = {
    NotSignedIn: (
        Sentence("The desk did not prove that it opened this page"),
        Sentence(
            "Close the ticket and open it again, or load the apps anew. If it stays so, ask an "
            "administrator: the app's installation and key on this server may be those of an earlier "
            "installation."
        ),
    ),
    NotAllowed: (
        Sentence("You are not known here yet"),
        Sentence(
            "Articles are shown to colleagues whose address at the desk is verified and is the one of their "
            "account here. Ask an administrator to add you, or to say on the connection's page who you are."
        ),
    ),
    RemoteError: (
        Sentence("The desk does not answer right now"),
        Sentence("Nothing is lost. Load the apps anew in a minute; tickets can be saved meanwhile."),
    ),
    ConfigError: (
        Sentence("The app is not set up on this server"),
        Sentence("Ask an administrator to finish its set-up on the connection's page."),
    ),
}


class Hint(Protocol):
    """Puts a ticket into the inbox to be read, in the present transaction."""

    def __call__(self, connection_id: int, ticket_id: str, kind: str, key: str) -> bool:
        """Return False when it was there already."""
        ...


@bp.route("/<connection>", methods=["GET", "POST"])
@csrf.exempt
@requires(Permission.PUBLIC)
@limiter.limit("600 per minute")
def show(connection: str) -> ResponseReturnValue:
    """Open the app's page: with the token the desk posts, or empty until somebody signs in beside it."""
    providers = current_app.extensions["kcs.providers"]
    try:
        opened = open_page(connection, request.form.get("token", ""), providers, _is_held_by)
    except tuple(PROBLEMS) as error:
        db.session.rollback()
        log.warning("app_visit_refused", connection=connection, reason=str(error)[:300])
        title, advice = next(said for kind, said in PROBLEMS.items() if isinstance(error, kind))
        status = 404 if isinstance(error, ConfigError) else error.status
        return _page("embedding/problem.html", title=title, advice=advice), status
    if opened.agent is not None:
        g.agent = opened.agent
        log.info("app_visit", connection=connection, agent_id=opened.agent.id)
    return _page("embedding/page.html", token=opened.token, connection=connection)


@bp.get("/<connection>/sign-in")
@requires(Permission.SIGNED_IN)
def sign_in(connection: str) -> ResponseReturnValue:
    """Show the window that hands the panel its session: whoever is not signed in does so first."""
    own_sign_in(connection, current_app.extensions["kcs.providers"])
    return _beside(render_template("embedding/sign_in.html", connection=connection, agent=current_agent()))


@bp.post("/<connection>/sign-in")
@requires(Permission.SIGNED_IN)
@limiter.limit("60 per minute")
def hand_token_over(connection: str) -> ResponseReturnValue:
    """Give the window beside the panel the token that it hands over."""
    providers = current_app.extensions["kcs.providers"]
    token = hand_over(connection, current_agent(), current_user.token, providers)
    log.info("app_session_handed_over", connection=connection, agent_id=current_agent().id)
    return jsonify(token=token)


@bp.get("/<connection>/tickets/<ticket_id>")
@requires(Permission.SIGNED_IN)
def panel(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Show the panel of a ticket, as the body of the app's page."""
    ticket = get_ticket(connection, ticket_id)
    return render_template(
        "embedding/_panel.html",
        unfinished=count_tickets(TicketList.UNFINISHED, current_agent()),
        known=sum(message.public for message in ticket.messages),
        **context(ticket),
    )


@bp.post("/<connection>/tickets/<ticket_id>/hints")
@requires(Permission.SIGNED_IN)
@limiter.limit("30 per minute")
def ask_for(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Have a ticket read that is open at the desk and not here yet: its webhook may be lost, or late."""
    if not _NUMBER.fullmatch(ticket_id):
        raise NotFound("There is no such ticket.")
    hint: Hint = current_app.extensions[HINT]
    minute = database.now().strftime("%Y-%m-%dT%H:%M")
    hint(get_connection(connection).id, ticket_id, OPENED, f"{ticket_id} {minute}")
    db.session.commit()
    return "", 204


@bp.get("/<connection>/tickets/<ticket_id>/closing")
@requires(Permission.SIGNED_IN)
def closing(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Say what happens when this ticket is saved as solved now."""
    asked = asked_at_save(get_ticket(connection, ticket_id))
    return jsonify(act=asked.act, said=translated(asked.said))


@bp.post("/<connection>/renewals")
@requires(Permission.SIGNED_IN)
@limiter.limit("300 per hour")
def renew(connection: str) -> ResponseReturnValue:
    """Let the session of this page last on."""
    extend_embedded(bearer())
    db.session.commit()
    log.info("app_session_renewed", connection=connection, agent_id=current_agent().id)
    return "", 204


@bp.post("/<connection>/passed-saves")
@requires(Permission.SIGNED_IN)
@limiter.limit("30 per minute")
def keep_passed_saves(connection: str) -> ResponseReturnValue:
    """Keep which tickets were saved as solved though we did not answer; told when we do again."""
    try:
        told = PassedListIn().load(request.get_json())
    except ValidationError as error:
        raise BadRequest("These are no reports of saves.", errors={"saves": [str(error)]}) from error
    new = keep_passed(get_connection(connection), told["saves"], by=current_agent())
    db.session.commit()
    for each in told["saves"]:
        reason = each.reason.value
        log.warning("save_passed_unasked", connection=connection, ticket=each.ticket, reason=reason)
    return jsonify(kept=new)


def wire(app: Flask, hint: Hint) -> None:
    """Name the endpoints that a page within a desk's frame may use, and what has a ticket read."""
    app.extensions[EMBEDDED] = EMBEDDED_ENDPOINTS
    app.extensions[HINT] = hint


def _is_held_by(holder: Holder) -> None:
    """Let the desk's own pages, and nobody else's, hold this answer in a frame."""
    g.panel_held_by, g.desk_script = " ".join(holder.origins), holder.script


def _beside(page: str) -> Response:
    """Answer for the window beside the panel, which keeps hold of the frame at the desk that opened it."""
    response = make_response(page)
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def _page(template: str, **shown: object) -> str:
    """Show a page in the desk's frame, in the desk's colours."""
    theme = request.args.get("colorScheme", "")
    colours = {"theme": theme} if theme in i18n.THEMES else {}
    desk = {"origins": g.get("panel_held_by"), "script": g.get("desk_script")}
    return render_template(template, **desk, **colours, **shown)
