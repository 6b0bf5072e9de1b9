"""The page with pairs of articles that say much the same: merge them, or say that they are not the same."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database
from kcs.articles import rights
from kcs.articles.trust import trust_of
from kcs.database import db
from kcs.errors import WorkflowError
from kcs.people.access import Permission, current_agent, may, requires
from kcs.people.models import Agent
from kcs.search import duplicate_acts, duplicate_queries
from kcs.search.duplicate_models import DuplicatePair, PairState
from kcs.sentences import Sentence
from kcs.views import Listing, chosen

bp = Blueprint("duplicates", __name__, template_folder="templates")

QUEUES = {PairState.OPEN: Sentence("To look at"), PairState.DISMISSED: Sentence("Not the same")}


@bp.get("/articles/duplicates")
@requires(Permission.SIGNED_IN)
def queue() -> ResponseReturnValue:
    """List the pairs, the most alike first."""
    state = chosen(PairState, "state")
    return _page(state if state in QUEUES else PairState.OPEN)


@bp.post("/articles/duplicates/<int:pair_id>/dismiss")
@requires(Permission.WORK)
def dismiss(pair_id: int) -> ResponseReturnValue:
    """Note that two articles are not the same."""
    return _settled(pair_id, duplicate_acts.dismiss, PairState.OPEN, _("Noted: they are not the same."))


@bp.post("/articles/duplicates/<int:pair_id>/put-back")
@requires(Permission.WORK)
def put_back(pair_id: int) -> ResponseReturnValue:
    """Put a pair back into the queue."""
    return _settled(
        pair_id, duplicate_acts.put_back, PairState.DISMISSED, _("The pair is in the queue again.")
    )


def _settled(pair_id: int, act: Callable[..., None], shown: PairState, said: str) -> ResponseReturnValue:
    pair = duplicate_queries.get_pair(pair_id)
    try:
        act(pair, by=current_agent())
        db.session.commit()
    except WorkflowError as error:
        db.session.rollback()
        return _page(shown, problem=error.message), error.status
    flash(said, "success")
    page = request.form.get("page", 1, type=int)
    return redirect(url_for("duplicates.queue", state=shown.value, page=page), code=303)


def _page(state: PairState, problem: str = "") -> str:
    page = Listing.asked_for(lambda number: duplicate_queries.page_of_pairs(state, page=number))
    articles = [article for pair in page.items for article in (pair.first, pair.second)]
    last = duplicate_queries.last_search()
    return render_template(
        "search/duplicates.html",
        page=page,
        state=state,
        queues=[(each, words, duplicate_queries.count_pairs(each)) for each, words in QUEUES.items()],
        trust=trust_of(articles, now=database.now()),
        works=may(current_agent(), Permission.WORK),
        mergeable={pair.id for pair in page.items if _may_merge(current_agent(), pair)},
        last=last,
        changed=duplicate_queries.changed_since(last.finished_at) if last else 0,
        problem=problem,
    )


def _may_merge(agent: Agent, pair: DuplicatePair) -> bool:
    return rights.may_merge(agent, pair.first) and rights.may_merge(agent, pair.second)
