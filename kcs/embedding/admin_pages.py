"""On the page of a connection: the desk's app to download, whom its visits come from, what passed unasked."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from kcs import database
from kcs.config import Settings
from kcs.database import db
from kcs.embedding.models import PassReason
from kcs.embedding.opening import app_of
from kcs.embedding.queries import passed_lately
from kcs.embedding.services import set_hosts, set_installation
from kcs.errors import ConfigError, InvalidInput, NotFound, RemoteError
from kcs.i18n import translated
from kcs.markup import mark_safe
from kcs.people.access import Permission, current_agent, requires
from kcs.ports import DeskApp, Provider, SigningApp
from kcs.sentences import Sentence
from kcs.tickets.models import Connection
from kcs.tickets.queries import get_connection

bp = Blueprint("embedding_admin", __name__, url_prefix="/admin/connections", template_folder="templates")

REASONS = {
    PassReason.TIMEOUT: Sentence("the server took longer than two seconds"),
    PassReason.UNREACHABLE: Sentence("the server was not reached"),
    PassReason.SERVER_ERROR: Sentence("the server had an error"),
    PassReason.SIGNED_OUT: Sentence("the session in the panel was over"),
    PassReason.NOT_KNOWN: Sentence("the ticket was not here yet"),
    PassReason.REFUSED: Sentence("the server refused the question"),
    PassReason.UNEXPECTED: Sentence("the answer was none the app knows"),
}


def part(connection: Connection) -> Markup:
    """Return what the page of a connection shows of the app."""
    number, latest = passed_lately(connection)
    return mark_safe(
        render_template(
            "embedding/part.html",
            connection=connection,
            address=_address(connection.name),
            https=_settings().is_secure,
            **_proof(connection),
            passed=number,
            latest=latest,
            reasons=REASONS,
        )
    )


@bp.get("/<connection>/app.zip")
@requires(Permission.OPERATE)
def download(connection: str) -> ResponseReturnValue:
    """Give the app for this server and connection, as the desk takes it."""
    try:
        package = _app(connection).package(_address(connection))
    except (InvalidInput, ConfigError) as error:
        return _back(connection, translated(error.message), "error")
    response = make_response(package.content)
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{package.name}"'
    return response


@bp.post("/<connection>/app")
@requires(Permission.OPERATE)
def save(connection: str) -> ResponseReturnValue:
    """Say which installation visits come from, and the key they are signed with."""
    return _keep(connection, request.form.get("installation", ""), request.form.get("key", ""))


@bp.post("/<connection>/app/hosts")
@requires(Permission.OPERATE)
def save_hosts(connection: str) -> ResponseReturnValue:
    """Say which other pages may hold the panel in a frame."""
    try:
        set_hosts(get_connection(connection), request.form.get("hosts", ""), by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _back(connection, translated(error.message), "error")
    return _back(connection, _("Saved. Load the apps anew at the desk."), "success")


@bp.post("/<connection>/app/look-up")
@requires(Permission.OPERATE)
def look_up(connection: str) -> ResponseReturnValue:
    """Ask the desk how the app is installed, instead of having it typed."""
    with database.reading():
        app = _signing_app(connection)
    try:
        found = app.installed()
    except RemoteError as error:
        said = _("The desk did not say: %(reason)s Enter both by hand.", reason=translated(error.message))
        return _back(connection, said, "error")
    return _keep(connection, found.audience, found.key)


def _keep(name: str, installation: str, key: str) -> ResponseReturnValue:
    try:
        set_installation(get_connection(name), _signing_app(name), installation, key, by=current_agent())
        db.session.commit()
    except (InvalidInput, ConfigError) as error:
        db.session.rollback()
        return _back(name, translated(error.message), "error")
    if not installation:
        return _back(name, _("The app opens nothing any more."), "success")
    return _back(name, _("Saved. Open a ticket at the desk: the panel stands among its apps."), "success")


def _app(name: str) -> DeskApp:
    return app_of(get_connection(name), _providers())


def _signing_app(name: str) -> SigningApp:
    app = _app(name)
    if not isinstance(app, SigningApp):
        raise NotFound("The app of this desk has no installation to enter.")
    return app


def _proof(connection: Connection) -> dict[str, object]:
    """Return whether the desk says who visits, and so which installation may; and what may hold the panel."""
    try:
        app = app_of(connection, _providers())
    except ConfigError:
        return {"signs": True, "hosts": ()}  # what is wrong with the account stands elsewhere on its page
    return {"signs": isinstance(app, SigningApp), "hosts": app.origins}


def _providers() -> Mapping[str, Provider]:
    providers: Mapping[str, Provider] = current_app.extensions["kcs.providers"]
    return providers


def _address(name: str) -> str:
    return _settings().base_url + url_for("embedding.show", connection=name)


def _settings() -> Settings:
    settings: Settings = current_app.config["KCS"]
    return settings


def _back(name: str, said: str, kind: str) -> ResponseReturnValue:
    flash(said, kind)
    return redirect(f"/admin/connections/{name}#desk-app", code=303)
