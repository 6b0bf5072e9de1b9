"""Signing in and out, and how one wants the pages."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user

from kcs import i18n
from kcs.database import db
from kcs.errors import NotSignedIn
from kcs.extensions import limiter
from kcs.people import services
from kcs.people.access import Permission, current_agent, requires
from kcs.people.sessions import close_visit, open_visit
from kcs.sentences import Sentence
from kcs.text import clean_line

bp = Blueprint("people", __name__, template_folder="templates")

THEME_WORDS = {"light": Sentence("Light"), "dark": Sentence("Dark")}


@bp.get("/sign-in")
@requires(Permission.PUBLIC)
def sign_in_form() -> ResponseReturnValue:
    """Ask for address and password."""
    return render_template("people/sign_in.html", next=_next(request.args.get("next")), email="")


@bp.post("/sign-in")
@requires(Permission.PUBLIC)
@limiter.limit("20 per minute")
@limiter.limit("10 per minute", key_func=lambda: clean_line(request.form.get("email", "")).lower())
def sign_in() -> ResponseReturnValue:
    """Open a session, or say in one sentence that it did not work."""
    email = request.form.get("email", "")
    try:
        agent, token = services.sign_in(email, request.form.get("password", ""))
    except NotSignedIn as error:
        db.session.rollback()
        page = render_template(
            "people/sign_in.html", next=_next(request.form.get("next")), email=email, problem=error.message
        )
        return page, 401
    db.session.commit()
    open_visit(agent, token)
    return redirect(_next(request.form.get("next")) or url_for("tickets.index"))


@bp.post("/sign-out")
@requires(Permission.SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session at once."""
    close_visit(current_user)
    db.session.commit()
    flash(_("You are signed out."), "success")
    return redirect(url_for("people.sign_in_form"))


@bp.get("/account")
@requires(Permission.SIGNED_IN)
def account() -> ResponseReturnValue:
    """Show how one wants the pages."""
    return render_template(
        "people/account.html",
        languages=[("", _("As your browser asks")), *i18n.LANGUAGES.items()],
        themes=[("", _("As your device is set")), *THEME_WORDS.items()],
    )


@bp.post("/account")
@requires(Permission.SIGNED_IN)
def save_account() -> ResponseReturnValue:
    """Keep the choices; what is none of the offered ones counts as no choice."""
    agent = current_agent()
    agent.language = _one_of(i18n.LANGUAGES, "language")
    agent.theme = _one_of(THEME_WORDS, "theme")
    db.session.commit()
    refresh()
    flash(_("Your settings are saved."), "success")
    return redirect(url_for("people.account"))


def _one_of(offered: Collection[str], name: str) -> str | None:
    given = request.form.get(name, "")
    return given if given in offered else None


def _next(target: str | None) -> str:
    """Return a path on our own host, empty for anything else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return ""
    parts = urlsplit(target)
    printable = target.isprintable() and "\\" not in target
    return target if printable and not parts.scheme and not parts.netloc else ""
