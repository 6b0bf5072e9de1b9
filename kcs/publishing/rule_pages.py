"""The page on which an administrator says where articles go in a connection's help centre."""

from __future__ import annotations

import structlog
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from kcs import words
from kcs.articles.domains import domains
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import ConfigError, InvalidInput, NotFound, RemoteError, ShownToMore
from kcs.i18n import translated
from kcs.markup import mark_safe
from kcs.people.access import Permission, current_agent, requires
from kcs.ports import Provider
from kcs.publishing import rules
from kcs.publishing.models import Target
from kcs.publishing.places import Catalogue, Offered, stored_offer
from kcs.publishing.placing import guards_readers, guess, rules_of
from kcs.publishing.rules import Rule, TargetSettings
from kcs.sentences import Sentence
from kcs.tickets.accounts import credentials_of
from kcs.tickets.models import Connection
from kcs.tickets.queries import get_connection
from workflow.article import Audience

bp = Blueprint("publishing_rules", __name__, url_prefix="/admin/connections", template_folder="templates")

log = structlog.get_logger()

KEY = "kcs.publishing_places"
# What help centres call the places and groups that an article is given.
SETTINGS = {
    "section_id": Sentence("Section"),
    "permission_group_id": Sentence("Permission group"),
    "folder_id": Sentence("Folder, and with it who may read it there"),
}


@bp.get("/<connection>/publishing")
@requires(Permission.OPERATE)
def show(connection: str) -> ResponseReturnValue:
    """Show the target, its languages and its rules, with what the account offers now."""
    return _page(get_connection(connection))


@bp.post("/<connection>/publishing")
@requires(Permission.OPERATE)
def save(connection: str) -> ResponseReturnValue:
    """Set the target; its articles follow."""
    found, form = get_connection(connection), request.form
    offered = _offered(found, _target(found))
    wanted = TargetSettings(
        locale=form.get("locale", ""),
        settings=_chosen(""),
        locales=_prefixed("locale-"),
        archives="archives" in form,
        active="active" in form,
    )
    try:
        target = rules.save_target(found, _target(found), wanted, offered, by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _page(found, error), error.status
    if target.active and not missing_from(target, offered):
        flash(_("Saved. Articles follow in the background."), "success")
    else:
        flash(_("Saved."), "success")
    return _back(connection)


@bp.post("/<connection>/publishing/rules")
@requires(Permission.OPERATE)
def save_rule(connection: str) -> ResponseReturnValue:
    """Add a rule, or set the one for the same articles."""
    found, form = get_connection(connection), request.form
    target = _needed_target(found)
    audience = form.get("audience", "")
    rule = Rule(
        domain=form.get("domain", ""),
        audience=Audience(audience) if audience in list(Audience) else Audience.INTERNAL,
        locale=form.get("rule_locale", ""),
        settings=_chosen("rule-"),
        labels=tuple(form.get("labels", "").split(",")),
    )
    try:
        _refuse_wider(target, rule)
        rules.save_rule(target, rule, by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _page(found, error, form="rule"), error.status
    flash(_("The rule is saved. Articles follow in the background."), "success")
    return _back(connection)


def _refuse_wider(target: Target, rule: Rule) -> None:
    """Refuse a place that is open to more people than the rule's articles are for. Raises InvalidInput.

    An account that cannot be asked now refuses nothing here: it is asked again before anything is sent.
    """
    readers = (target.offered or {}).get("readers", "")
    if rule.audience is Audience.PUBLIC or not guards_readers(target) or not rule.settings.get(readers):
        return
    connection, settings = target.connection, {**(target.settings or {}), **rule.settings}
    provider: Provider = current_app.extensions["kcs.providers"][connection.provider]
    credentials = credentials_of(connection, provider, interactive=True)
    db.session.rollback()
    try:
        provider.help_centre(credentials, settings).refuse_wider(rule.audience)
    except ShownToMore as error:
        raise InvalidInput("The rule was not saved.", errors={readers: [error.message]}) from error
    except (RemoteError, ConfigError) as error:
        log.info("readers_not_looked_at", target=target.id, reason=error.message)


@bp.post("/<connection>/publishing/rules/<int:rule_id>/remove")
@requires(Permission.OPERATE)
def remove_rule(connection: str, rule_id: int) -> ResponseReturnValue:
    """Take a rule away."""
    rules.remove_rule(_needed_target(get_connection(connection)), rule_id, by=current_agent())
    db.session.commit()
    flash(_("The rule is gone. Articles follow in the background."), "success")
    return _back(connection)


@bp.post("/<connection>/publishing/refresh")
@requires(Permission.OPERATE)
def refresh(connection: str) -> ResponseReturnValue:
    """Ask the account anew what it offers."""
    found = get_connection(connection)
    offered = _offered(found, _target(found), anew=True)
    if not offered.problem:
        flash(_("The account was asked: these are its sections, groups and languages now."), "success")
    return _back(connection)


def connection_part(connection: Connection) -> Markup:
    """Show on a connection's page where its articles go, and lead to the settings."""
    target = _target(connection)
    return mark_safe(
        render_template(
            "publishing/_connection.html",
            connection=connection,
            target=target,
            offered=stored_offer(target),
            missing=missing_from(target, stored_offer(target)),
            rules=rules_of(target) if target else [],
            label=label_of,
        )
    )


def label_of(setting: str, readers: str) -> str:
    """Return what a provider's setting is called."""
    if setting in SETTINGS:
        return translated(SETTINGS[setting])
    if setting == readers:
        return _("Who may read it there")
    return setting.removesuffix("_id").replace("_", " ").capitalize()


def missing_from(target: Target | None, offered: Offered) -> list[str]:
    """Return what an active target has not chosen of what the account needs for a new article."""
    if target is None or not target.active:
        return []
    needed = [each for each in offered.choices if each != offered.readers or offered.readers_needed]
    return [label_of(each, offered.readers) for each in needed if not (target.settings or {}).get(each)]


def _page(connection: Connection, error: InvalidInput | None = None, form: str = "target") -> str:
    target = _target(connection)
    offered = _offered(connection, target)
    languages = sorted(db.session.execute(select(Article.locale).distinct()).scalars())
    errors = error.errors if error else {}
    return render_template(
        "publishing/rules.html",
        connection=connection,
        target=target,
        offered=offered,
        missing=missing_from(target, offered),
        rules=rules_of(target) if target else [],
        typed=request.form if error else {},
        problem=error.message if error else "",
        errors=errors if form == "target" else {},
        rule_errors=errors if form == "rule" else {},
        domains=[("", _("Any domain")), *((each.key, each.name) for each in domains())],
        domain_names={each.key: each.name for each in domains()},
        audiences=_audiences(offered),
        languages=[(each, _guessed(each, target, offered)) for each in languages],
        ours=[(each, each) for each in languages],
        theirs=[(each, each) for each in offered.locales],
        label=label_of,
    )


def _audiences(offered: Offered) -> list[tuple[str, str]]:
    """Return whom rules are about: colleagues where the help centre itself keeps others out."""
    chosen = [each for each in reversed(Audience) if each is not Audience.INTERNAL or offered.readers_needed]
    return [(each.value, words.AUDIENCES[each]) for each in chosen]


def _guessed(locale: str, target: Target | None, offered: Offered) -> str:
    own = (target.locale,) if target else ()
    return guess(locale, (*own, *offered.locales)) or ""


def _target(connection: Connection) -> Target | None:
    query = select(Target).where(Target.connection_id == connection.id).order_by(Target.id).limit(1)
    return db.session.execute(query).scalar_one_or_none()


def _needed_target(connection: Connection) -> Target:
    found = _target(connection)
    if found is None:
        raise NotFound("This connection publishes nowhere yet: choose its place first.")
    return found


def _offered(connection: Connection, target: Target | None, *, anew: bool = False) -> Offered:
    catalogue: Catalogue = current_app.extensions[KEY]
    return catalogue.offered_by(connection, target, anew=anew)


def _chosen(prefix: str) -> dict[str, str]:
    return _prefixed(f"{prefix}set-")


def _prefixed(prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value for name, value in request.form.items() if name.startswith(prefix)
    }


def _back(name: str) -> ResponseReturnValue:
    return redirect(url_for("publishing_rules.show", connection=name), code=303)
