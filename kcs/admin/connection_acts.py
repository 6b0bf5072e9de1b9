"""What an administrator does with one connection: check it, set up its webhook, switch it."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database
from kcs.admin import connecting
from kcs.admin.checks import check_connection
from kcs.admin.connection_checks import Check, Step, by_key, keep, kept, provider_of, steps_of
from kcs.admin.connection_pages import CHECK_NOW, SHOW_SECRET, TROUBLE
from kcs.admin.connection_standing import STATES, standing_of
from kcs.admin.desk_accounts import prove_key
from kcs.config import Settings
from kcs.database import db
from kcs.errors import BadRequest, ConfigError, InvalidInput, RemoteError
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.ports import Provider
from kcs.tickets.breaker import health_of
from kcs.tickets.models import ClosePolicy
from kcs.tickets.queries import get_connection
from kcs.tickets.services import (
    change_key,
    end_former_secret,
    rotate_webhook_secret,
    set_closing,
    set_product_field,
    switch_connection,
)

bp = Blueprint("connection_acts", __name__, url_prefix="/admin/connections", template_folder="templates")


@bp.post("/<connection>/check")
@requires(Permission.OPERATE)
def check(connection: str) -> ResponseReturnValue:
    """Look at everything; a page that can wait for it asks for one step after the other."""
    if "HX-Request" in request.headers:
        return _one_step(connection, request.form.get("step", 0, type=int))
    check_connection(current_app, get_connection(connection))
    return _back_to(connection)


def _one_step(name: str, number: int) -> ResponseReturnValue:
    """Look at one thing, and show it with what comes next."""
    with database.reading():
        connection = get_connection(name)
        connection_id, health = connection.id, health_of(connection.id)
        before = kept(health.checks)[:number] if health else []
        steps = steps_of(
            connection, _providers(), _settings().base_url, current_app.extensions["kcs.arrived"]
        )
    if not 0 <= number < len(steps) or len(before) < number:
        raise BadRequest("This check has changed since it began: check again.")
    seen: Check = steps[number].take()
    following: Step | None = steps[number + 1] if number + 1 < len(steps) else None
    keep(connection_id, [*before, seen], finished=following is None)
    with database.reading():
        standing = standing_of(get_connection(name), health_of(connection_id), _providers())
    return render_template(
        "admin/_check_step.html",
        name=name,
        check=seen,
        following=following,
        number=number + 1,
        state=STATES[standing.state],
    )


@bp.post("/<connection>/webhook")
@requires(Permission.OPERATE)
def install(connection: str) -> ResponseReturnValue:
    """Set up the webhook on the desk, or find it again."""
    connection_id, provider = _desk(connection)
    try:
        made = connecting.install_webhook(connection_id, provider, _settings().base_url, by=current_agent())
    except TROUBLE as error:
        return _failed(connection, error)
    if provider.set_up.secret_is_ours:
        if made.secret:
            session[SHOW_SECRET] = connection
        return _back_to(connection, "webhook")
    if made.instructions:
        flash(
            _("The webhook cannot be made from here. %(what)s", what=translated(made.instructions)), "warning"
        )
    else:
        flash(_("The webhook is set up."), "success")
    return _back_to(connection)


@bp.post("/<connection>/secret")
@requires(Permission.OPERATE)
def rotate(connection: str) -> ResponseReturnValue:
    """Take a new secret: the one entered, or one that the desk or we make; the present stays valid."""
    entered = request.form.get("secret", "").strip()
    connection_id, provider = _desk(connection)
    if provider.set_up.secret_is_ours:
        connecting.renew_webhook_secret(connection_id, provider, by=current_agent())
        session[SHOW_SECRET] = connection
        return _back_to(connection, "webhook")
    if entered:
        rotate_webhook_secret(get_connection(connection), entered, by=current_agent())
        db.session.commit()
    else:
        try:
            connecting.renew_webhook_secret(connection_id, provider, by=current_agent())
        except TROUBLE as error:
            return _failed(connection, error)
    flash(_("The new signing secret is in use; the one before stays valid until the next change."), "success")
    return _back_to(connection)


@bp.post("/<connection>/secret/former")
@requires(Permission.OPERATE)
def end_former(connection: str) -> ResponseReturnValue:
    """Refuse the secret before the present one from now on."""
    end_former_secret(get_connection(connection), by=current_agent())
    db.session.commit()
    flash(_("Only the present secret is valid now."), "success")
    return _back_to(connection, "webhook")


@bp.post("/<connection>/key")
@requires(Permission.OPERATE)
def replace_key(connection: str) -> ResponseReturnValue:
    """Sign in with another key from now on, once it has proved that it works."""
    with database.reading():
        found = get_connection(connection)
        provider = provider_of(found, _providers())
        subdomain, api_base = found.subdomain, found.api_base
    if not by_key(provider):
        raise BadRequest("'%(name)s' is authorised by an administrator of the desk.", name=connection)
    key = request.form.get("token", "").strip()
    try:
        who = prove_key(provider, subdomain, key, api_base)
    except InvalidInput as error:
        flash(translated(error.message), "error")
        return _back_to(connection, "authorisation")
    change_key(get_connection(connection), key, by=current_agent())
    db.session.commit()
    flash(_("The new key works: signed in as %(who)s.", who=who), "success")
    session[CHECK_NOW] = connection
    return _back_to(connection)


@bp.post("/<connection>/closing")
@requires(Permission.OPERATE)
def closing(connection: str) -> ResponseReturnValue:
    """Say what happens when a ticket is solved without knowledge."""
    given = request.form.get("closing", "")
    if given not in list(ClosePolicy):
        raise InvalidInput("There is no policy '%(name)s'.", name=given)
    set_closing(get_connection(connection), ClosePolicy(given), by=current_agent())
    db.session.commit()
    flash(_("Saved; it holds for tickets solved from now on."), "success")
    return _back_to(connection)


@bp.post("/<connection>/product")
@requires(Permission.OPERATE)
def product(connection: str) -> ResponseReturnValue:
    """Say which ticket field names the product."""
    set_product_field(get_connection(connection), request.form.get("product_field", ""), by=current_agent())
    db.session.commit()
    flash(_("Saved; what was solved before is measured again by and by."), "success")
    return _back_to(connection, "product")


@bp.post("/<connection>/active")
@requires(Permission.OPERATE)
def switch(connection: str) -> ResponseReturnValue:
    """Let the connection rest, or work again."""
    active = request.form.get("active") == "1"
    switch_connection(get_connection(connection), active=active, by=current_agent())
    db.session.commit()
    said = (
        _("%(name)s works again.", name=connection)
        if active
        else _("%(name)s is switched off.", name=connection)
    )
    flash(said, "success")
    return _back_to(connection)


def _desk(name: str) -> tuple[int, Provider]:
    """Return what is needed to speak with a desk, and let go of the database."""
    with database.reading():
        connection = get_connection(name)
        return connection.id, provider_of(connection, _providers())


def _failed(connection: str, error: ConfigError | RemoteError | BadRequest) -> ResponseReturnValue:
    db.session.rollback()
    flash(translated(error.message), "error")
    return _back_to(connection)


def _providers() -> dict[str, Provider]:
    providers: dict[str, Provider] = current_app.extensions["kcs.providers"]
    return providers


def _settings() -> Settings:
    settings: Settings = current_app.config["KCS"]
    return settings


def _back_to(name: str, part: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("connections.show", connection=name, _anchor=part), code=303)
