"""Pages on which an administrator connects a desk: which one, and what it takes to sign in there."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database
from kcs.admin import connecting
from kcs.admin.connection_checks import by_key
from kcs.admin.connection_pages import CHECK_NOW, SHOW_SECRET, callback, to_the_vendor
from kcs.admin.desk_accounts import prove_key, stand_in, subdomain_of
from kcs.config import Settings
from kcs.database import db
from kcs.errors import ConfigError, InvalidInput, NotFound
from kcs.people.access import Permission, current_agent, requires
from kcs.ports import Provider
from kcs.sentences import Sentence
from kcs.text import clean_line
from kcs.tickets.services import add_connection, refuse_name
from kcs.writing_back.switches import begin_writing

bp = Blueprint("connection_adding", __name__, url_prefix="/admin/connections", template_folder="templates")

TYPED = ("name", "subdomain", "client_id", "api_base")


@bp.get("/new")
@requires(Permission.OPERATE)
def new() -> ResponseReturnValue:
    """Ask which desk it is, then what is needed to sign in there."""
    if "provider" not in request.args and len(_providers()) > 1:
        return render_template("admin/connection_choose.html", providers=_providers())
    return _form({})


@bp.post("/new")
@requires(Permission.OPERATE)
def create() -> ResponseReturnValue:
    """Keep the desk: with a key that was proved at once, or to be authorised at the vendor's page."""
    name, provider = _provider_asked_for()
    form = {field: clean_line(request.form.get(field, "")) for field in TYPED}
    form["subdomain"] = subdomain_of(form["subdomain"], provider.set_up.domain)
    try:
        made = _with_key if by_key(provider) else _to_be_authorised
        return made(name, provider, form)
    except (InvalidInput, ConfigError) as error:
        db.session.rollback()
        return _form(form, error.errors or {"subdomain": [error.message]}), 422


def _to_be_authorised(name: str, provider: Provider, form: Mapping[str, str]) -> ResponseReturnValue:
    api_base = stand_in(form["api_base"], _settings())
    _refuse_empty("client_id", "client_secret")
    made = add_connection(
        form["name"],
        provider=name,
        subdomain=form["subdomain"],
        api_base=api_base,
        client_id=form["client_id"],
        client_secret=request.form.get("client_secret", "").strip() or None,
        by=current_agent(),
    )
    begin_writing(made)
    if api_base is not None:
        # This form may lead to the vendor alone; that of the connection's own page, to the stand-in.
        db.session.commit()
        return redirect(url_for("connections.show", connection=made.name), code=303)
    return to_the_vendor(made, provider)


def _with_key(name: str, provider: Provider, form: Mapping[str, str]) -> ResponseReturnValue:
    """Sign in first: what does not work is not kept."""
    api_base = stand_in(form["api_base"], _settings())
    with database.reading():
        refuse_name(form["name"])
    key = request.form.get("token", "").strip()
    who = prove_key(provider, form["subdomain"], key, api_base)
    made = add_connection(
        form["name"],
        provider=name,
        subdomain=form["subdomain"],
        token=key,
        api_base=api_base,
        by=current_agent(),
    )
    begin_writing(made)
    connection_id, called = made.id, made.name
    db.session.commit()
    connecting.install_webhook(connection_id, provider, _settings().base_url, by=current_agent())
    flash(_("%(name)s is connected: signed in as %(who)s.", name=called, who=who), "success")
    session[CHECK_NOW] = session[SHOW_SECRET] = called
    return redirect(url_for("connections.show", connection=called), code=303)


def _form(form: Mapping[str, str], errors: Mapping[str, object] | None = None) -> str:
    name, provider = _provider_asked_for()
    if not by_key(provider):
        g.form_action = f"https://*.{provider.set_up.domain}"
    return render_template(
        "admin/connection_new.html",
        form=form,
        errors=errors or {},
        provider=name,
        others=len(_providers()) > 1,
        set_up=provider.set_up,
        by_key=by_key(provider),
        callback=callback(),
        https=_settings().is_secure,
        local=_settings().is_local,
    )


def _refuse_empty(*names: str) -> None:
    errors = {name: [Sentence("needed")] for name in names if not request.form.get(name, "").strip()}
    if errors:
        raise InvalidInput("Something is missing.", errors=errors)


def _provider_asked_for() -> tuple[str, Provider]:
    """Return the vendor of a new desk: the one named, or the first."""
    providers = _providers()
    name = request.values.get("provider", next(iter(providers)))
    if name not in providers:
        raise NotFound("There is no help desk '%(name)s' to connect.", name=name)
    return name, providers[name]


def _providers() -> Mapping[str, Provider]:
    providers: Mapping[str, Provider] = current_app.extensions["kcs.providers"]
    return providers


def _settings() -> Settings:
    settings: Settings = current_app.config["KCS"]
    return settings
