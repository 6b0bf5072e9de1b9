"""The search page: results while somebody types, and a page of its own for a search that was sent."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from kcs.articles.domains import domains
from kcs.articles.layout import readable_parts
from kcs.extensions import limiter
from kcs.i18n import language_name
from kcs.people.access import Permission, current_agent, may, requires
from kcs.people.models import Agent
from kcs.search import answers, narrowing
from kcs.search.answers import Answer
from kcs.search.following import log_after, sealed, searched_now
from kcs.search.highlighting import Marker
from kcs.search.models import Place
from kcs.search.queries import Found
from kcs.search.typed import FILTERS, Typed, written
from kcs.search.vocabulary import expand
from kcs.sentences import Sentence
from kcs.words import ARTICLE_STATES

bp = Blueprint("search", __name__, template_folder="templates")

RESULTS = 20
WHILE_TYPING = 8
LABELS = {"state": Sentence("State"), "domain": Sentence("Domain"), "language": Sentence("Language")}


@dataclass(frozen=True)
class Shown:
    """One result as the page has it."""

    found: Found
    title: Markup
    passage: Markup


@bp.get("/search")
@requires(Permission.SIGNED_IN)
@limiter.limit("300 per minute")
def show() -> ResponseReturnValue:
    """Find articles by words, phrases and filters."""
    words = request.args.get("q", "").strip()
    if added := " ".join(filter(None, (*request.args.getlist("add"), _fields()))):
        # A choice from a list is written into the search, where it can be read, changed and copied.
        return redirect(url_for("search.show", q=narrowing.chosen_from_lists(words, added, current_agent())))
    answer = _answered(words, limit=RESULTS)
    searched = searched_now(Place.PAGE, words, [each.article.key for each in answer.found], len(answer.found))
    page = render_template(
        "search/show.html",
        choices=_choices(),
        **_results(words, answer, sealed(searched), RESULTS),
    )
    response = make_response(page)
    return response if answer.typed.is_empty else log_after(response, searched)


@bp.get("/search/results")
@requires(Permission.SIGNED_IN)
@limiter.limit("600 per minute")
def results() -> ResponseReturnValue:
    """Show what is found so far, while somebody types."""
    words = request.args.get("q", "").lstrip()
    answer = _answered(words, limit=WHILE_TYPING, typing=True)
    searched = searched_now(Place.PAGE, words, [each.article.key for each in answer.found], len(answer.found))
    return render_template("search/_results.html", **_results(words, answer, sealed(searched), WHILE_TYPING))


def _fields() -> str:
    """Return as typed the filters that came in fields of their own: a ticket's search without scripts."""
    only = [(name, value) for name in FILTERS if (value := request.args.get(name, "").strip())]
    return written(Typed(only=tuple(only)))


def _answered(words: str, *, limit: int, typing: bool = False) -> Answer:
    index = current_app.extensions["kcs.search"]
    return answers.answer(index, words, reader=current_agent(), limit=limit, typing=typing)


def _results(words: str, answer: Answer, token: str, most: int) -> dict[str, object]:
    """Return what the results need, on the page and while somebody types."""
    return {
        "words": words,
        "most": most,
        "answer": answer,
        "shown": _shown(answer, current_agent()),
        "token": token,
        "narrowed": narrowing.chosen(answer.typed),
        "tags": narrowing.by_tag(answer, FILTERS),
        "may_write": may(current_agent(), Permission.WORK),
    }


def _shown(answer: Answer, reader: Agent) -> list[Shown]:
    also = expand(answer.typed.wanted).also
    markers: dict[str, Marker] = {}
    shown = []
    for each in answer.found:
        version = each.article.current_version
        locale = each.article.locale
        marker = markers.setdefault(locale, Marker.of(answer.typed, also, locale))
        parts = readable_parts(version, reader).values()
        shown.append(Shown(each, marker.marked(version.title), marker.passage(parts)))
    return shown


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the filters that are a list, each value as it is typed."""
    named: dict[str, dict[str, str]] = {
        "state": {state.value: ARTICLE_STATES[state] for state in answers.STATE_WORDS.values()},
        "domain": {each.key: each.name for each in domains()},
        "language": {code: language_name(code) for code in answers.languages(current_agent())},
    }
    return [
        (LABELS[name], [(written(Typed(only=((name, value),))), words) for value, words in values.items()])
        for name, values in named.items()
        if len(values) > 1
    ]
