"""The page on which two articles are merged: both texts side by side, and the text they become."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database
from kcs.articles import rights
from kcs.articles.diff import Change, word_diff
from kcs.articles.layout import readable_parts, shown_parts, template_of, writable_fields
from kcs.articles.merging import in_order, merge_articles
from kcs.articles.models import Article
from kcs.articles.queries import get_article
from kcs.articles.trust import trust_of
from kcs.database import db
from kcs.errors import KcsError, NotAllowed
from kcs.people.access import Permission, current_agent, requires
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.words import ARTICLE_IS
from workflow.permissions import Right

bp = Blueprint("merging", __name__, template_folder="templates")


@dataclass(frozen=True)
class Row:
    """One field of both texts and of the result; without `writable` only the newer's template has it."""

    name: str
    label: str
    older: str
    newer: str
    result: str
    writable: bool

    @property
    def marks(self) -> list[Change]:
        """The newer text in stretches: what it has beyond the older is "added"."""
        return [change for change in word_diff(self.older, self.newer) if change.kind != "removed"]

    @property
    def differs(self) -> bool:
        """True when there is something to choose."""
        return bool(self.newer) and self.older != self.newer


@bp.get("/articles/merge")
@requires(Permission.WORK)
def show() -> ResponseReturnValue:
    """Show two articles side by side; with one of them missing, ask for it."""
    return _page()


@bp.post("/articles/merge")
@requires(Permission.WORK)
def merge() -> ResponseReturnValue:
    """Merge them under the text given; nothing typed is lost when that is refused."""
    try:
        one, other = _both()
        parts = {
            name.removeprefix("part-"): text
            for name, text in request.form.items()
            if name.startswith("part-")
        }
        older = merge_articles(
            one,
            other,
            request.form.get("title", ""),
            parts,
            by=current_agent(),
            base=request.form.get("base", 0, type=int),
            newer_base=request.form.get("newer_base", 0, type=int),
        )
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        return _page(error.message), error.status
    flash(
        _("Merged: %(key)s has taken the other's place, with its links and feedback.", key=older.key),
        "success",
    )
    return redirect(url_for("articles.show", key=older.key), code=303)


def _page(problem: str = "") -> str:
    left = request.values.get("left", "")
    right = request.values.get("right", "").strip()
    if not right:
        article = get_article(left, current_agent()) if left else None
        return render_template("articles/merge_with.html", article=article, left=left, problem=problem)
    newer, older = in_order(*_both())
    for article in (newer, older):
        if not rights.may_merge(current_agent(), article):
            rights.require(current_agent(), article, Right.MERGE)
            raise NotAllowed(
                "%(key)s is %(confidence)s: restore it before it is merged.",
                key=article.key,
                confidence=ARTICLE_IS[article.confidence],
            )
    return render_template(
        "articles/merge.html",
        newer=newer,
        older=older,
        rows=_rows(newer, older, current_agent()),
        trust=trust_of([newer, older], now=database.now()),
        problem=problem,
    )


def _both() -> tuple[Article, Article]:
    left, right = request.values.get("left", ""), request.values.get("right", "").strip()
    return get_article(left, current_agent()), get_article(right, current_agent())


def _rows(newer: Article, older: Article, agent: Agent) -> list[Row]:
    """Return the title and every field either of them has text in, the older's fields first."""
    before, after = older.current_version, newer.current_version
    labels = {field.name: field.label for field in writable_fields(template_of(before), agent)}
    labels |= {part.field.name: part.field.label for part in shown_parts(before, agent)}
    own = {"title", *labels}
    labels = {"title": Sentence("Title"), **labels}
    labels |= {
        each.field.name: each.field.label for each in shown_parts(after, agent) if each.field.name not in own
    }
    old = {"title": before.title, **readable_parts(before, agent)}
    new = {"title": after.title, **readable_parts(after, agent)}
    return [
        Row(
            name=name,
            label=label,
            older=old.get(name, ""),
            newer=new.get(name, ""),
            result=request.form.get(_field(name), old.get(name, "")),
            writable=name in own,
        )
        for name, label in labels.items()
        if old.get(name) or new.get(name)
    ]


def _field(name: str) -> str:
    return "title" if name == "title" else f"part-{name}"
