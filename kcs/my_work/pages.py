"""The page people begin their day on: what waits for them, what their articles did, their next licence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_timedelta, lazy_gettext
from flask_babel import gettext as _

from kcs import database
from kcs.articles import rights
from kcs.articles.queries import get_article
from kcs.articles.services import confirm_article
from kcs.articles.trust import trust_of
from kcs.database import db
from kcs.errors import NotFound
from kcs.metrics.asking import organisation_zone
from kcs.my_work import queries
from kcs.my_work.figures import Month, cited_articles, months_of
from kcs.my_work.licence import Outcome, rules_of, way_of
from kcs.my_work.queries import Section, Waiting
from kcs.people.access import Permission, current_agent, may, requires
from kcs.people.models import Agent
from kcs.reviews.models import Asks
from kcs.views import Listing
from workflow.permissions import Licence

bp = Blueprint("my_work", __name__, template_folder="templates")

ROWS_SHOWN = 5
MOST_KEYS = 9


@dataclass(frozen=True)
class Words:
    """What a section is called, says while it has rows, and says when it has none."""

    title: str
    about: str
    empty: str


WORDS = {
    Section.TICKETS: Words(
        lazy_gettext("Unfinished tickets"),
        lazy_gettext("Solved without an article: link one, draft one, or say why none is needed."),
        lazy_gettext("Every ticket you solved has an article, or a reason why it needs none."),
    ),
    Section.REVIEWS: Words(
        lazy_gettext("Sent back to you"),
        lazy_gettext("A reviewer asks for changes. Make them, then resubmit on the review's page."),
        lazy_gettext("No review was sent back. What a reviewer asks of you appears here with their words."),
    ),
    Section.FLAGS: Words(
        lazy_gettext("Flags on your articles"),
        lazy_gettext("Somebody found something wrong. An edit answers it, or say why nothing is to change."),
        lazy_gettext("Nobody has found anything wrong. Whoever does flags the article; you read why here."),
    ),
    Section.WRITING: Words(
        lazy_gettext("Asked of you to write"),
        lazy_gettext("People search for this and find no answer. Write it, or say that none is needed."),
        lazy_gettext("Nobody asked you to write anything. What people search for in vain appears here."),
    ),
    Section.DRAFTS: Words(
        lazy_gettext("Your drafts"),
        lazy_gettext("Work in progress that you wrote or own, the longest untouched first."),
        lazy_gettext("No draft waits. Draft from a ticket as you solve it: its words are filled in for you."),
    ),
    Section.CHECKS: Words(
        lazy_gettext("Due for a check"),
        lazy_gettext("Nobody checked or used them for their domain's interval. Read, then say what is true."),
        lazy_gettext("Everything you look after was checked or used lately."),
    ),
}
LICENCE_WORDS = {
    Licence.CANDIDATE: lazy_gettext("candidate"),
    Licence.CONTRIBUTOR: lazy_gettext("contributor"),
    Licence.PUBLISHER: lazy_gettext("publisher"),
}
OUTCOME_WORDS = {
    Outcome.AS_WRITTEN: lazy_gettext("As written"),
    Outcome.REWORKED: lazy_gettext("After changes"),
}
ASKS_WORDS = {
    Asks.VALIDATE: lazy_gettext("validation"),
    Asks.PUBLISH: lazy_gettext("publishing"),
    Asks.CHANGE: lazy_gettext("a change"),
}


@bp.get("/my-work")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show what waits for this person, what their articles did, and their way to the next licence."""
    agent, now, zone = current_agent(), database.now(), organisation_zone()
    parts = queries.first_rows(agent, now, limit=ROWS_SHOWN)
    months = months_of(agent, now, zone)
    works = may(agent, Permission.WORK)
    shown = {section: part for section, part in parts.items() if works or part.total}
    return render_template(
        "my_work/index.html",
        works=works,
        parts=shown,
        first_keys=_first_keys(shown),
        waiting=sum(part.total for part in parts.values()),
        months=months,
        chart=_chart(months),
        cited=cited_articles(agent, now, zone) if months[-1].citations else [],
        zone=zone.key,
        way=way_of(agent, rules_of(current_app.config["KCS"])),
        licences=LICENCE_WORDS,
        outcomes=OUTCOME_WORDS,
        **_words(shown, agent, now),
    )


@bp.get("/my-work/<section>")
@requires(Permission.SIGNED_IN)
def everything(section: str) -> ResponseReturnValue:
    """Show all of one section, page by page."""
    if section not in list(Section):
        raise NotFound(_("My work has no list of that name. Go back to My work and choose one there."))
    which, agent, now = Section(section), current_agent(), database.now()
    page = Listing.asked_for(lambda number: queries.page_of(which, agent, now, page=number))
    part = Waiting(which, page.total, page.items)
    return render_template(
        "my_work/section.html",
        page=page,
        section=which,
        part=part,
        first_keys={which: 1},
        **_words({which: part}, agent, now),
    )


@bp.post("/my-work/checks/<key>/confirm")
@requires(Permission.WORK)
def confirm(key: str) -> ResponseReturnValue:
    """Say that an article is still right, and go on with what waits."""
    article = get_article(key, current_agent())
    confirm_article(article, by=current_agent())
    db.session.commit()
    flash(_("%(key)s is still right: thank you.", key=key), "success")
    return redirect(url_for("my_work.index", _anchor=Section.CHECKS.value), code=303)


def waiting_for(agent: Agent) -> int:
    """Return how much waits for this person: the number beside "My work"."""
    return sum(queries.count_waiting(agent, database.now()).values())


def _words(parts: dict[Section, Waiting], agent: Agent, now: datetime) -> dict[str, Any]:
    """Return what the rows are shown with."""
    reviews = parts[Section.REVIEWS].rows if Section.REVIEWS in parts else []
    checks = parts[Section.CHECKS].rows if Section.CHECKS in parts else []
    flags = parts[Section.FLAGS].rows if Section.FLAGS in parts else []
    drafts = parts[Section.DRAFTS].rows if Section.DRAFTS in parts else []
    editable = (*drafts, *checks, *(flag.article for flag in flags))
    return {
        "words": WORDS,
        "asks_words": ASKS_WORDS,
        "comments": queries.words_for(reviews, agent),
        "trust": trust_of(checks, now=now) if checks else {},
        "confirmable": {each.id for each in checks if rights.may_confirm(agent, each)},
        "editable": {each.id for each in editable if rights.may_edit(agent, each)},
        "age": lambda moment: format_timedelta(now - moment),
    }


def _first_keys(parts: dict[Section, Waiting]) -> dict[Section, int]:
    """Number the rows through all sections: the first nine open with their digit."""
    keys, number = {}, 1
    for section, part in parts.items():
        keys[section] = number
        number += len(part.rows)
    return keys


def _chart(months: list[Month]) -> list[dict[str, Any]]:
    """Return the months as bars, each as a share of the best of them; nothing where no month has any."""
    most = max(month.citations for month in months)
    if not most:
        return []
    return [
        {
            "label": format_date(month.first, "LLL y"),
            "month": month,
            "others": 100 * month.by_others / most,
            "all": 100 * month.citations / most,
        }
        for month in months
    ]
