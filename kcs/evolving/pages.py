"""The Evolve loop board: what in the knowledge base is worth work now. It lists; people decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_sqlalchemy.pagination import Pagination

from kcs import database
from kcs.articles.trust import trust_of
from kcs.evolving import pattern_queries, product, queries
from kcs.evolving.doubts import FEWEST_TICKETS, DoubtFinder
from kcs.evolving.looks import looking
from kcs.evolving.models import PatternKind
from kcs.evolving.patterns import LOOKED_AT as ARTICLES_COMPARED
from kcs.metrics import labels
from kcs.metrics.drawing.gaps import Gap
from kcs.metrics.drawing.gaps import gaps as drawn_gaps
from kcs.metrics.drawing.pareto import pareto
from kcs.metrics.model import Row, Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.writing import WRITING
from kcs.people.access import Permission, current_agent, may, requires
from kcs.search.duplicate_models import PairState
from kcs.search.duplicate_queries import count_pairs
from kcs.sentences import Sentence
from kcs.solving.gap_pages import PERIODS, days_asked_for
from kcs.solving.gaps import LOOKED_AT, GapFinder
from kcs.views import Listing, chosen

bp = Blueprint("evolving", __name__, template_folder="templates", url_prefix="/evolve")

SHOWN = 30
MOST_NAMED = 500
PATTERNS = {
    PatternKind.SYMPTOM: Sentence("One symptom, several causes"),
    PatternKind.CAUSE: Sentence("One cause, several symptoms"),
}
TABS = (
    ("evolving.board", Sentence("Reuse"), "1"),
    ("evolving.gaps", Sentence("Missing knowledge"), "2"),
    ("evolving.archive", Sentence("Never needed"), "3"),
    ("evolving.holders", Sentence("Held by one person"), "4"),
    ("evolving.for_product", Sentence("For the product"), "5"),
    ("evolving.patterns", Sentence("Patterns"), "6"),
)


class Sliced(Pagination):
    """One page of a list that is there already."""

    def __init__(self, rows: Sequence[Any], *, page: int, per_page: int) -> None:
        self._rows = rows
        super().__init__(page=page, per_page=per_page, error_out=False)

    def _query_items(self) -> list[Any]:
        return list(self._rows[self._query_offset : self._query_offset + self.per_page])

    def _query_count(self) -> int:
        return len(self._rows)


@bp.app_template_global("may_evolve")
def may_evolve() -> bool:
    """Return whether whoever looks at a page may open the board."""
    return may(current_agent(), Permission.EVOLVE)


@bp.get("")
@requires(Permission.EVOLVE)
def board() -> ResponseReturnValue:
    """Show what is reused most, and which of it is no answer."""
    days = days_asked_for()
    since = _since(days)
    rows = queries.reused(since, Window(since, database.now(), ZoneInfo("UTC")))
    most = _most(rows)
    finder: DoubtFinder = current_app.extensions["kcs.doubts"]
    doubts = finder.doubts([int(row.key) for row in most], since)
    urls = {number: url_for("articles.show", key=key) for number, key in queries.keys_of(doubts).items()}
    chart = pareto(
        [*most, *(row for row in rows if row.key not in {each.key for each in most})],
        "assisted",
        of=_("Article"),
        figure=_("Tickets"),
        writing=WRITING,
        marked={key for key, doubt in doubts.items() if doubt.is_no_answer},
        mark=_("Not an answer"),
        url=lambda row: urls.get(int(row.key)),
    )
    return render_template(
        "evolving/board.html",
        rows=most,
        urls=urls,
        doubts=doubts,
        chart=chart if most else None,
        reused=len(rows),
        **_around(days),
    )


@bp.get("/gaps")
@requires(Permission.EVOLVE)
def gaps() -> ResponseReturnValue:
    """Show what tickets ask for and no article answers, with what was searched for."""
    days = days_asked_for()
    found = queries.lacking(_finder(), database.now() - timedelta(days=days))
    works = may(current_agent(), Permission.WORK)
    chart = drawn_gaps(
        [Gap(_words_of(each), each.gap.count, f"#gap-{place}") for place, each in enumerate(found, 1)],
        of=_("What was asked"),
        figure=_("Tickets"),
        writing=WRITING,
    )
    return render_template("evolving/gaps.html", found=found, chart=chart, works=works, **_around(days))


def _words_of(lacking: queries.Lacking) -> str:
    return " · ".join(lacking.gap.words) or _("Tickets alike")


@bp.get("/archive")
@requires(Permission.EVOLVE)
def archive() -> ResponseReturnValue:
    """Show old articles that nobody ever needed; who may archive them chooses among them."""
    moment = database.now()
    page = Listing.asked_for(lambda number: queries.archive_candidates(moment, page=number))
    return render_template(
        "evolving/archive.html", page=page, trust=trust_of(page.items, now=moment), **_around(0)
    )


@bp.get("/holders")
@requires(Permission.EVOLVE)
def holders() -> ResponseReturnValue:
    """Show what one person alone knows: articles nobody else uses, subjects nobody else solves."""
    days = days_asked_for(365)
    since = database.now() - timedelta(days=days)
    page = Listing.asked_for(lambda number: queries.held_articles(since, page=number))
    return render_template(
        "evolving/holders.html",
        page=page,
        holders=queries.holders_of([article.id for article in page.items], since),
        subjects=queries.held_subjects(_finder(), since),
        **_around(days),
    )


@bp.get("/product")
@requires(Permission.EVOLVE)
def for_product() -> ResponseReturnValue:
    """Show which articles answer how many tickets about which part of the product."""
    days = days_asked_for()
    found = product.heard(_since(days))
    page = Listing.asked_for(lambda number: Sliced(found, page=number, per_page=queries.PER_PAGE))
    rows = list(product.with_examples(page.items, _since(days)))
    return render_template("evolving/product.html", page=page, rows=rows, **_around(days))


@bp.get("/product.csv")
@requires(Permission.EVOLVE)
def product_csv() -> ResponseReturnValue:
    """Send the whole of it as a file."""
    since = _since(days_asked_for())
    found = product.with_examples(product.heard(since), since)
    return _csv("product-feedback.csv", product.csv_of(found))


@bp.get("/patterns")
@requires(Permission.EVOLVE)
def patterns() -> ResponseReturnValue:
    """Show articles alike in their symptom and unlike in their answer, and the other way round."""
    kind = chosen(PatternKind, "kind") or PatternKind.SYMPTOM
    page = Listing.asked_for(lambda number: pattern_queries.page_of_patterns(kind, page=number))
    return render_template(
        "evolving/patterns.html",
        page=page,
        found=pattern_queries.told(page.items, current_agent(), _since(365)),
        kind=kind,
        kinds=[(each, words, pattern_queries.count_patterns(each)) for each, words in PATTERNS.items()],
        looking=looking(),
        compared=ARTICLES_COMPARED,
        **_around(0),
    )


@bp.get("/patterns.csv")
@requires(Permission.EVOLVE)
def patterns_csv() -> ResponseReturnValue:
    """Send all patterns of both kinds as a file."""
    found = pattern_queries.every_pattern(current_agent(), _since(365))
    return _csv("patterns.csv", pattern_queries.csv_of(found))


def _csv(name: str, lines: Iterable[str]) -> Response:
    return Response(
        "".join(lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _most(rows: Sequence[Row]) -> list[Row]:
    """Return the rows reused most with their names; of equals those whose name comes first."""
    figures = sorted((row.figures["assisted"] or 0 for row in rows), reverse=True)[:SHOWN]
    there = [row for row in rows if figures and (row.figures["assisted"] or 0) >= figures[-1]]
    named = labels.named(there[:MOST_NAMED], Segment.ARTICLE, EVERYBODY)
    return sorted(named, key=lambda row: (-(row.figures["assisted"] or 0), row.label.casefold()))[:SHOWN]


def _since(days: int) -> datetime:
    return database.now() - timedelta(days=days)


def _finder() -> GapFinder:
    finder: GapFinder = current_app.extensions["kcs.gaps"]
    return finder


def _around(days: int) -> dict[str, object]:
    """Return what every page of the board has: its tabs, with what waits behind them, and periods."""
    return {
        "tabs": TABS,
        "days": days,
        "periods": PERIODS,
        "looked_at": LOOKED_AT,
        "fewest": FEWEST_TICKETS,
        "pairs": count_pairs(PairState.OPEN),
    }
