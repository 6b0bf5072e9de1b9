"""Pages on which an administrator connects desks: the list, a new one, one with its checks and switches."""

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
from kcs.admin.connection_parts import parts_of
from kcs.admin.connection_standing import STATES, standing_of
from kcs.config import Settings
from kcs.database import db
from kcs.errors import BadRequest, ConfigError, InvalidInput, NotAllowed, NotFound, RemoteError
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.ports import Provider
from kcs.sentences import Sentence
from kcs.text import clean_line
from kcs.tickets.breaker import health_of
from kcs.tickets.models import ClosePolicy, Connection, ConnectionHealth
from kcs.tickets.queries import get_connection
from kcs.tickets.services import add_connection
from kcs.writing_back.switches import begin_writing

bp = Blueprint("connections", __name__, url_prefix="/admin/connections", template_folder="templates")

STATE, CHECK_NOW = "authorising", "check_connection"
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


@bp.get("/new")
@requires(Permission.OPERATE)
def new() -> ResponseReturnValue:
    """Ask for what is needed to authorise a desk."""
    return _new_form({})


@bp.post("/new")
@requires(Permission.OPERATE)
def create() -> ResponseReturnValue:
    """Keep the desk, and go on to the vendor's page where its administrator agrees."""
    form = {name: clean_line(request.form.get(name, "")) for name in ("name", "subdomain", "client_id")}
    name, provider = _provider_asked_for()
    try:
        _refuse_empty("client_id", "client_secret")
        made = add_connection(
            form["name"],
            provider=name,
            subdomain=form["subdomain"].lower(),
            client_id=form["client_id"],
            client_secret=request.form.get("client_secret", "").strip() or None,
            by=current_agent(),
        )
        begin_writing(made)
        return _to_the_vendor(made, provider)
    except (InvalidInput, ConfigError) as error:
        db.session.rollback()
        return _new_form(form, error.errors or {"subdomain": [error.message]}), 422


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
        connecting.agree(returned, code, provider, by=current_agent(), back=_callback())
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
    g.form_action = _origin_of(found, provider)
    standing = standing_of(found, health_of(found.id), _providers())
    return render_template(
        "admin/connection.html",
        connection=found,
        set_up=provider.set_up,
        standing=standing,
        states=STATES,
        check_now=session.pop(CHECK_NOW, "") == connection,
        callback=_callback(),
        endpoint=f"{_settings().base_url}/webhooks/{connection}",
        https=_settings().is_secure,
        closings=[(each.value, words) for each, words in CLOSING_WORDS.items()],
        parts=parts_of(current_app, found),
    )


@bp.post("/<connection>/authorise")
@requires(Permission.OPERATE)
def authorise(connection: str) -> ResponseReturnValue:
    """Keep the OAuth client when one was given, and go to the vendor's page."""
    found = get_connection(connection)
    provider = _provider_of(found)
    client_id = clean_line(request.form.get("client_id", ""))
    secret = request.form.get("client_secret", "").strip()
    if client_id:
        found.client_id = client_id
    if secret:
        found.client_secret = secret
    try:
        return _to_the_vendor(found, provider)
    except ConfigError as error:
        db.session.rollback()
        flash(translated(error.message), "error")
        return _back_to(connection)


def _to_the_vendor(connection: Connection, provider: Provider) -> ResponseReturnValue:
    client = connecting.client_of(connection, provider)
    address, state = connecting.ask_to_agree(connection, client, by=current_agent(), back=_callback())
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


def _new_form(form: Mapping[str, str], errors: Mapping[str, object] | None = None) -> str:
    name, provider = _provider_asked_for()
    g.form_action = f"https://*.{provider.set_up.domain}"
    return render_template(
        "admin/connection_new.html",
        form=form,
        errors=errors or {},
        provider=name,
        providers=[(key, each.set_up.label) for key, each in _providers().items()],
        set_up=provider.set_up,
        callback=_callback(),
        https=_settings().is_secure,
    )


def _refuse_empty(*names: str) -> None:
    errors = {name: [Sentence("needed")] for name in names if not request.form.get(name, "").strip()}
    if errors:
        raise InvalidInput("Something is missing.", errors=errors)


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


def _provider_asked_for() -> tuple[str, Provider]:
    """Return the vendor of a new desk: the one named, or the first."""
    providers = _providers()
    name = request.values.get("provider", next(iter(providers)))
    if name not in providers:
        raise NotFound("There is no help desk '%(name)s' to connect.", name=name)
    return name, providers[name]


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


def _callback() -> str:
    return _settings().base_url + url_for("connections.agreed")


def _back_to(connection: str) -> ResponseReturnValue:
    return redirect(url_for("connections.show", connection=connection), code=303)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
