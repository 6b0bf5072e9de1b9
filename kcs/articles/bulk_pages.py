"""One act on many articles, chosen in the list: done, and what was refused with its reason."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from kcs.articles.bulk import Act, Wish, change_many
from kcs.articles.rights import matrix
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.sentences import Sentence
from workflow.article import Audience, Move
from workflow.permissions import Right, Standing, authority

bp = Blueprint("bulk", __name__, template_folder="templates")


# What the list offers, and the right it needs; whose right reaches only their own articles is offered it too.
OFFERS = (
    ("move:complete", Sentence("Ready for review"), Right.COMPLETE),
    ("ask:validate", Sentence("Ask for validation"), Right.PROPOSE),
    ("ask:publish", Sentence("Ask for publishing"), Right.PROPOSE),
    ("move:validate", Sentence("Validate"), Right.VALIDATE),
    ("move:publish", Sentence("Publish"), Right.PUBLISH),
    ("move:doubt", Sentence("Cast doubt"), Right.DOUBT),
    ("move:withdraw", Sentence("Withdraw"), Right.WITHDRAW),
    ("move:archive", Sentence("Archive"), Right.ARCHIVE),
    ("move:restore", Sentence("Restore"), Right.RESTORE),
    ("owner:", Sentence("Give to an owner"), Right.EDIT_INTERNAL),
    ("tag:", Sentence("Add tags"), Right.EDIT_INTERNAL),
    ("untag:", Sentence("Take tags away"), Right.EDIT_INTERNAL),
)


@bp.app_template_global("bulk_acts")
def offered() -> list[tuple[str, str]]:
    """Return what this person may try on some article, as (value, words)."""
    agent = current_agent()
    standing = Standing(agent.licence, agent.roles, owns=True)
    table = matrix()
    return [(value, words) for value, words, right in OFFERS if authority(standing, right, matrix=table)]


@bp.post("/articles/bulk")
@requires(Permission.WORK)
def change() -> ResponseReturnValue:
    """Do one act with the chosen articles."""
    ask = current_app.extensions["kcs.ask_review"]
    try:
        outcome = change_many(request.form.getlist("article"), _wish(), by=current_agent(), ask=ask)
    except InvalidInput as error:
        db.session.rollback()
        flash(translated(error.message), "error")
        return redirect(url_for("articles.list_articles"), code=303)
    db.session.commit()
    done = len(outcome.done)
    said = ngettext("%(num)s article is done.", "%(num)s articles are done.", done)
    if outcome.refused:
        return render_template("articles/bulk.html", outcome=outcome, said=said)
    flash(said, "success")
    return redirect(url_for("articles.list_articles"), code=303)


def _wish() -> Wish:
    """Read the form; an act is written with what it is about, as in "move:archive"."""
    form = request.form
    name, _, what = form.get("act", "").partition(":")
    if name not in list(Act):
        raise InvalidInput("Choose what to do with the articles.", errors={"act": [Sentence("choose one")]})
    audience = form.get("audience", "")
    return Wish(
        Act(name),
        move=Move(what) if name == Act.MOVE and what in list(Move) else None,
        audience=Audience(audience) if audience in list(Audience) else None,
        reason=form.get("reason", ""),
        asks=what if name == Act.ASK else "",
        owner=form.get("owner", ""),
        tags=tuple(form.get("tags", "").split(",")) if form.get("tags", "").strip() else (),
    )
