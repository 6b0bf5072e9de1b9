"""Pages of the connected desks: the list, one with its checks and switches, and the way to authorise it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from kcs import database
from kcs.admin import connecting
from kcs.admin.connection_checks import by_key
from kcs.admin.connection_parts import parts_of
from kcs.admin.connection_standing import STATES, standing_of
from kcs.config import Settings
from kcs.database import db
from kcs.errors import BadRequest, ConfigError, NotAllowed, NotFound, RemoteError
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.ports import Provider
from kcs.sentences import Sentence
from kcs.text import clean_line
from kcs.tickets.breaker import health_of
from kcs.tickets.hearing import heard_from
from kcs.tickets.models import ClosePolicy, Connection, ConnectionHealth
from kcs.tickets.queries import get_connection

bp = Blueprint("connections", __name__, url_prefix="/admin/connections", template_folder="templates")

# What the session holds: an authorisation under way; whose page checks by itself, or shows its secret, once.
STATE, CHECK_NOW, SHOW_SECRET = "authorising", "check_connection", "show_secret"
DELIVERED = "kcs:delivered"
NOBODY = "-"
TROUBLE = (ConfigError, RemoteError, BadRequest)
CLOSING_WORDS = {
    ClosePolicy.REMIND: Sentence("Remind: a private note, and the agent's list of unfinished tickets"),
    ClosePolicy.DRAFT: Sentence("Draft: one is prepared for the assignee"),
    ClosePolicy.PROMPT: Sentence("Prompt: the sidebar asks before the save, and may be passed"),
    ClosePolicy.REQUIRE: Sentence("Require: the sidebar refuses the save"),
    ClosePolicy.NOTHING: Sentence("Nothing"),
}


@bp.get("/")
@requires(Permission.OPERATE)
def index() -> ResponseReturnValue:
    """List the desks, or lead to the first."""
    rows = db.session.execute(
        select(Connection, ConnectionHealth)
        .outerjoin(ConnectionHealth, ConnectionHealth.connection_id == Connection.id)
        .order_by(Connection.name)
    ).all()
    return render_template(
        "admin/connections.html",
        rows=[(connection, standing_of(connection, health, _providers())) for connection, health in rows],
        labels={name: provider.set_up.label for name, provider in _providers().items()},
        states=STATES,
    )


@bp.get("/oauth/callback")
@requires(Permission.OPERATE)
def agreed() -> ResponseReturnValue:
    """Come back from the vendor's page: take the tokens, set up the webhook, then check everything.

    The one GET that changes something: OAuth returns so. Its state proves that this browser asked, once.
    """
    state, asked = request.args.get("state", ""), session.pop(STATE, "")
    if not asked or not hmac.compare_digest(_bytes(asked), _bytes(state)):
        raise NotAllowed("This authorisation was not asked for here, is used up or too old. Begin again.")
    db.session.rollback()
    database.end_reading()
    returned = connecting.take_up(state, by=current_agent())
    provider = _provider_of(get_connection(returned.name))
    db.session.rollback()
    code = "" if "error" in request.args else request.args.get("code", "")
    try:
        connecting.agree(returned, code, provider, by=current_agent(), back=callback())
        flash(_("%(name)s is authorised.", name=returned.name), "success")
        _install(returned.connection_id, provider)
        session[CHECK_NOW] = returned.name
    except TROUBLE as error:
        db.session.rollback()
        flash(translated(error.message), "error")
    return redirect(url_for("connections.show", connection=returned.name))


@bp.get("/<connection>")
@requires(Permission.OPERATE)
def show(connection: str) -> ResponseReturnValue:
    """Show how a desk stands, and everything that can be set about it."""
    found = get_connection(connection)
    provider = _provider_of(found)
    if not by_key(provider):
        g.form_action = _origin_of(found, provider)
    shows_secret = session.pop(SHOW_SECRET, "") == connection
    return render_template(
        "admin/connection.html",
        connection=found,
        set_up=provider.set_up,
        by_key=by_key(provider),
        standing=standing_of(found, health_of(found.id), _providers()),
        states=STATES,
        check_now=session.pop(CHECK_NOW, "") == connection,
        callback=callback(),
        endpoint=f"{_settings().base_url}/webhooks/{connection}",
        steps=connecting.steps_by_hand(found, provider, _settings().base_url),
        secret=found.webhook_secret if shows_secret else "",
        heard=heard_from(found.id),
        https=_settings().is_secure,
        closings=[(each.value, words) for each, words in CLOSING_WORDS.items()],
        parts=parts_of(current_app, found),
    )


@bp.get("/<connection>/delivery")
@requires(Permission.OPERATE)
def delivery(connection: str) -> ResponseReturnValue:
    """Say whether a delivery has come with the present secret, for a page that waits for it."""
    found = get_connection(connection)
    heard = heard_from(found.id)
    answer = make_response(render_template("admin/_delivery.html", connection=found, heard=heard, asked=True))
    if heard.at is not None:
        answer.headers["HX-Trigger"] = DELIVERED
    return answer


@bp.post("/<connection>/authorise")
@requires(Permission.OPERATE)
def authorise(connection: str) -> ResponseReturnValue:
    """Keep the OAuth client when one was given, and go to the vendor's page."""
    found = get_connection(connection)
    provider = _provider_of(found)
    if by_key(provider):
        raise BadRequest("There is nothing to authorise: '%(name)s' signs in with a key.", name=connection)
    client_id = clean_line(request.form.get("client_id", ""))
    secret = request.form.get("client_secret", "").strip()
    if client_id:
        found.client_id = client_id
    if secret:
        found.client_secret = secret
    try:
        return to_the_vendor(found, provider)
    except ConfigError as error:
        db.session.rollback()
        flash(translated(error.message), "error")
        return _back_to(connection)


def to_the_vendor(connection: Connection, provider: Provider) -> ResponseReturnValue:
    """Go to the vendor's page, where an administrator of the account agrees. Raises ConfigError."""
    client = connecting.client_of(connection, provider)
    address, state = connecting.ask_to_agree(connection, client, by=current_agent(), back=callback())
    session[STATE] = state
    return redirect(address, code=303)


def _install(connection_id: int, provider: Provider) -> None:
    made = connecting.install_webhook(connection_id, provider, _settings().base_url, by=current_agent())
    if made.instructions:
        flash(
            _("The webhook cannot be made from here. %(what)s", what=translated(made.instructions)), "warning"
        )
    else:
        flash(_("The webhook is set up."), "success")


def _origin_of(connection: Connection, provider: Provider) -> str:
    """Return where the form that authorises may lead: the vendor's page of this account, nowhere else."""
    client = provider.authorisation(
        connection.subdomain, connection.api_base, client_id=NOBODY, client_secret=NOBODY
    )
    parts = urlsplit(client.address(redirect_uri="", state="", verifier=""))
    return f"{parts.scheme}://{parts.netloc}"


def wire(app: Flask) -> None:
    """Let the forms of these pages lead on to the vendor's; to be wired before the headers are set."""
    app.after_request(_let_the_form_lead_there)


def _let_the_form_lead_there(response: Response) -> Response:
    target = g.pop("form_action", None)
    if target is not None:
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(
            "form-action 'self'", f"form-action 'self' {target}"
        )
    return response


def _provider_of(connection: Connection) -> Provider:
    """Return who can ask the desk. Raises NotFound for imported tickets: there is none."""
    providers = _providers()
    if connection.provider not in providers:
        raise NotFound("'%(name)s' holds imported tickets: there is no desk to ask.", name=connection.name)
    return providers[connection.provider]


def _providers() -> Mapping[str, Provider]:
    providers: Mapping[str, Provider] = current_app.extensions["kcs.providers"]
    return providers


def _settings() -> Settings:
    settings: Settings = current_app.config["KCS"]
    return settings


def callback() -> str:
    """Return where the vendor sends back to whoever agreed."""
    return _settings().base_url + url_for("connections.agreed")


def _back_to(connection: str) -> ResponseReturnValue:
    return redirect(url_for("connections.show", connection=connection), code=303)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
