"""The page on which a person looks at a sample of searches and says what would have answered them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs.articles.queries import get_article
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.access import Permission, current_agent, requires
from kcs.search import answers, sampling
from kcs.search.models import Place, SearchLog
from kcs.search.sampling import Figures, Trouble
from kcs.sentences import Sentence
from kcs.views import chosen

bp = Blueprint("search_sample", __name__, url_prefix="/admin/search/sample", template_folder="templates")

JUDGED = 5
VERDICTS = {"yes": True, "no": False}
TROUBLE_WORDS = {
    Trouble.NOTHING: Sentence("Found nothing"),
    Trouble.ABANDONED: Sentence("Nothing opened"),
    Trouble.LOW: Sentence("Opened far down"),
}
PLACE_WORDS = {
    Place.PAGE: Sentence("on the search page"),
    Place.HELP_CENTRE: Sentence("in the help centre"),
    Place.API: Sentence("through the API"),
    Place.PANEL: Sentence("in the panel"),
    Place.EDITOR: Sentence("in the editor"),
}


@bp.get("/")
@requires(Permission.OPERATE)
def show() -> ResponseReturnValue:
    """Show the figures and one search to judge."""
    counted = sampling.figures()
    first = next((each for each in Trouble if counted.unjudged[each]), Trouble.NOTHING)
    trouble = chosen(Trouble, "kind") or first
    return _page(counted, trouble, sampling.sample(trouble))


@bp.post("/<int:search_id>")
@requires(Permission.OPERATE)
def judge(search_id: int) -> ResponseReturnValue:
    """Keep what was said of a search and go on to the next."""
    row, trouble = sampling.get_search(search_id), request.form.get("kind", "")
    verdicts = {
        get_article(name.removeprefix("hit-"), current_agent()).id: VERDICTS[value]
        for name, value in request.form.items()
        if name.startswith("hit-") and value in VERDICTS
    }
    none = "none" in request.form
    try:
        sampling.judge(row, verdicts, none=none, by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        kind = Trouble(trouble) if trouble in list(Trouble) else Trouble.NOTHING
        return _page(sampling.figures(), kind, sampling.get_search(search_id), error.message), error.status
    flash(_("Noted: the next one.") if verdicts or none else _("Passed over: the next one."), "success")
    return redirect(url_for("search_sample.show", kind=trouble), code=303)


def _page(counted: Figures, trouble: Trouble, row: SearchLog | None, problem: str = "") -> str:
    return render_template(
        "search_settings/sample.html",
        figures=counted,
        days=sampling.DAYS,
        kinds=[(each, TROUBLE_WORDS[each], counted.unjudged[each]) for each in Trouble],
        trouble=trouble,
        row=row,
        place=PLACE_WORDS[row.place] if row else "",
        problem=problem,
        typed=request.form,
        bars=[
            {"label": label, "value": _share(count, counted.opened), "text": str(count)}
            for label, count in counted.ranks
        ],
        nothing=_share(counted.nothing, counted.searches),
        abandoned=_share(counted.abandoned, counted.people),
        **_now(row),
    )


def _now(row: SearchLog | None) -> dict[str, Any]:
    """Return what the same words find today; a visitor's search is made again as a visitor."""
    if row is None:
        return {}
    reader = None if row.place is Place.HELP_CENTRE else current_agent()
    answer = answers.answer(current_app.extensions["kcs.search"], row.words, reader=reader, limit=JUDGED)
    return {"found": answer.found}


def _share(count: int, of: int) -> float | None:
    return count / of if of else None
