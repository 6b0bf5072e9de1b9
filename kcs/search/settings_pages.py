"""Pages on which an administrator keeps the search's own words: meanings, acronyms and best bets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.access import Permission, current_agent, requires
from kcs.search import answers, vocabulary_acts
from kcs.search.models import BestBet, Meaning, MeaningKind
from kcs.search.vocabulary import best_bets, expand, holds_on
from kcs.sentences import Sentence

bp = Blueprint("search_settings", __name__, url_prefix="/admin/search", template_folder="templates")

TRIED = 5
KIND_WORDS = {
    MeaningKind.SAME: Sentence("The same: each finds the others"),
    MeaningKind.ONE_WAY: Sentence("One way: the first finds the others, not back"),
    MeaningKind.ACRONYM: Sentence("Acronym: the first is short for each of the others"),
}


@bp.get("/")
@requires(Permission.OPERATE)
def index() -> ResponseReturnValue:
    """List what is kept, and try a search on it."""
    tried = request.args.get("q", "").strip()
    today = database.now().date()
    return render_template(
        "search_settings/index.html",
        meanings=vocabulary_acts.meanings(),
        bets=[(bet, holds_on(bet, today)) for bet in vocabulary_acts.bets()],
        tried=tried,
        visitor="visitor" in request.args,
        **(_trial(tried, visitor="visitor" in request.args) if tried else {}),
    )


def _trial(tried: str, *, visitor: bool) -> dict[str, object]:
    """Return what a search would find now, and what the kept words add to it."""
    reader = None if visitor else current_agent()
    answer = answers.answer(current_app.extensions["kcs.search"], tried, reader=reader, limit=TRIED)
    return {
        "answer": answer,
        "also": expand(answer.typed.wanted).also,
        "met": [term for _, term in best_bets(answer.typed.free_text, today=database.now().date())],
    }


@bp.get("/meanings/new")
@bp.get("/meanings/<int:entry_id>")
@requires(Permission.OPERATE)
def meaning(entry_id: int = 0) -> ResponseReturnValue:
    """Show words of the same meaning, or an empty form."""
    row = vocabulary_acts.get_meaning(entry_id) if entry_id else None
    kind = row.kind.value if row else MeaningKind.SAME.value
    return _meaning_form(row, {"kind": kind, "terms": "\n".join(row.terms if row else ())})


@bp.post("/meanings/new")
@bp.post("/meanings/<int:entry_id>")
@requires(Permission.OPERATE)
def save_meaning(entry_id: int = 0) -> ResponseReturnValue:
    """Keep words of the same meaning."""
    row = vocabulary_acts.get_meaning(entry_id) if entry_id else None
    kind = request.form.get("kind", "")

    def save() -> str:
        if kind not in list(MeaningKind):
            raise InvalidInput(
                "'%(kind)s' is no kind of meaning.",
                kind=kind,
                errors={"kind": [Sentence("choose one of the list")]},
            )
        saved = vocabulary_acts.save_meaning(row, MeaningKind(kind), _terms(), by=current_agent())
        return _("Kept: %(terms)s. It holds from now on.", terms=", ".join(saved.terms))

    return _saved(save, lambda error: _meaning_form(row, request.form, error))


@bp.post("/meanings/<int:entry_id>/remove")
@requires(Permission.OPERATE)
def remove_meaning(entry_id: int) -> ResponseReturnValue:
    """Forget words of the same meaning."""
    row = vocabulary_acts.get_meaning(entry_id)
    vocabulary_acts.remove_meaning(row, by=current_agent())
    return _removed(row.terms)


@bp.get("/best-bets/new")
@bp.get("/best-bets/<int:entry_id>")
@requires(Permission.OPERATE)
def bet(entry_id: int = 0) -> ResponseReturnValue:
    """Show a best bet, or an empty form; words and article may be named in the address."""
    row = vocabulary_acts.get_bet(entry_id) if entry_id else None
    if row is None:
        return _bet_form(
            None, {"terms": request.args.get("terms", ""), "article": request.args.get("article", "")}
        )
    return _bet_form(
        row,
        {
            "terms": "\n".join(row.terms),
            "article": row.article.key,
            "starts_on": row.starts_on.isoformat() if row.starts_on else "",
            "ends_on": row.ends_on.isoformat() if row.ends_on else "",
        },
    )


@bp.post("/best-bets/new")
@bp.post("/best-bets/<int:entry_id>")
@requires(Permission.OPERATE)
def save_bet(entry_id: int = 0) -> ResponseReturnValue:
    """Keep a best bet."""
    row = vocabulary_acts.get_bet(entry_id) if entry_id else None

    def save() -> str:
        key = request.form.get("article", "")
        days = _day("starts_on"), _day("ends_on")
        saved = vocabulary_acts.save_bet(row, _terms(), key, *days, by=current_agent())
        return _("Kept: %(key)s comes first for %(terms)s.", key=key.strip(), terms=", ".join(saved.terms))

    return _saved(save, lambda error: _bet_form(row, request.form, error))


@bp.post("/best-bets/<int:entry_id>/remove")
@requires(Permission.OPERATE)
def remove_bet(entry_id: int) -> ResponseReturnValue:
    """Forget a best bet."""
    row = vocabulary_acts.get_bet(entry_id)
    vocabulary_acts.remove_bet(row, by=current_agent())
    return _removed(row.terms)


def _saved(save: Callable[[], str], form: Callable[[InvalidInput], str]) -> ResponseReturnValue:
    """Commit what was typed, or show it again with what is wrong with it."""
    try:
        said = save()
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return form(error), error.status
    flash(said, "success")
    return redirect(url_for("search_settings.index"), code=303)


def _removed(terms: list[str]) -> ResponseReturnValue:
    db.session.commit()
    flash(_("Removed: %(terms)s.", terms=", ".join(terms)), "success")
    return redirect(url_for("search_settings.index"), code=303)


def _terms() -> list[str]:
    return request.form.get("terms", "").splitlines()


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "'%(text)s' is no day.",
            text=text,
            errors={name: [Sentence("write year-month-day, as 2026-03-31")]},
        ) from error


def _meaning_form(row: Meaning | None, typed: dict[str, str], error: InvalidInput | None = None) -> str:
    return _form(
        "search_settings/meaning.html",
        row,
        typed,
        error,
        kinds=[(kind.value, words) for kind, words in KIND_WORDS.items()],
    )


def _bet_form(row: BestBet | None, typed: dict[str, str], error: InvalidInput | None = None) -> str:
    return _form("search_settings/bet.html", row, typed, error)


def _form(
    template: str,
    row: Meaning | BestBet | None,
    typed: dict[str, str],
    error: InvalidInput | None,
    **more: object,
) -> str:
    return render_template(
        template,
        row=row,
        typed=typed,
        problem=error.message if error else "",
        errors=error.errors if error else {},
        **more,
    )
