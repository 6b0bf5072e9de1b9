"""Signing in and out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from kcs.database import db
from kcs.errors import NotSignedIn
from kcs.extensions import limiter
from kcs.people import services
from kcs.people.access import Permission, requires
from kcs.people.sessions import close_visit, open_visit
from kcs.text import clean_line

bp = Blueprint("people", __name__, template_folder="templates")


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
    flash("You are signed out.", "success")
    return redirect(url_for("people.sign_in_form"))


def _next(target: str | None) -> str:
    """Return a path on our own host, empty for anything else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return ""
    parts = urlsplit(target)
    printable = target.isprintable() and "\\" not in target
    return target if printable and not parts.scheme and not parts.netloc else ""
