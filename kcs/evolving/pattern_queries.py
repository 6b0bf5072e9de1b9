"""Reading the patterns that were found: with their articles as they are now, for one reader."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, select

from kcs.articles.domains import domain_of
from kcs.articles.layout import Reader, readable_parts
from kcs.articles.models import Article
from kcs.database import db
from kcs.evolving.models import Pattern, PatternKind, PatternLook
from kcs.evolving.queries import used_since
from kcs.metrics.facts.models import FOREVER, SolvedFact
from kcs.metrics.files.neutral import neutral
from kcs.ports import DeskStatus
from kcs.tickets.labels import ReportLabel
from kcs.tickets.models import Ticket
from workflow.article import Confidence

PER_PAGE = 25
ENVIRONMENT_FIELDS = ("environment", "applies_to", "who_has_it")
HEADS = (
    *("pattern", "kind", "tickets", "part", "article", "title", "domain", "environment", "products"),
    "part_tickets",
)
PRODUCTS_SHOWN = 3
LONGEST_ENVIRONMENT = 120
_APART = re.compile(r"[,;|\n]+")
_SIGNS = " \t*-\u2022#>.`_"


@dataclass(frozen=True)
class Placed:
    """An article of a pattern, and where it holds: domain, environment, products of its tickets."""

    article: Article
    domain: str
    environment: tuple[str, ...]
    products: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One of the causes, or of the symptoms: articles, or tickets of one article.

    `where` is what is said of environment, products and domain; `only` what of it no other part has.
    """

    articles: tuple[Placed, ...]
    tickets: tuple[Ticket, ...]
    where: tuple[str, ...]
    only: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """A pattern for a reader. `article` is the one answer to tickets unlike one another, if it is that."""

    number: int
    kind: PatternKind
    tickets: int
    parts: tuple[Part, ...]
    article: Placed | None

    @property
    def title(self) -> str:
        """The title of its first article."""
        return (self.article or self.parts[0].articles[0]).article.title


def page_of_patterns(kind: PatternKind, *, page: int) -> Pagination:
    """Return one page of the patterns of a kind, those of most tickets first."""
    return db.paginate(_in_order(kind), page=page, per_page=PER_PAGE, error_out=False)


def count_patterns(kind: PatternKind) -> int:
    """Return how many patterns of a kind are kept."""
    return db.session.execute(
        select(func.count()).select_from(Pattern).where(Pattern.kind == kind)
    ).scalar_one()


def last_look() -> PatternLook | None:
    """Return when the base was last looked through, None before the first time."""
    return db.session.get(PatternLook, 1)


def every_pattern(reader: Reader, since: datetime) -> Iterator[Told]:
    """Yield all patterns for a reader, by kind."""
    for kind in PatternKind:
        kept = list(db.session.execute(_in_order(kind)).scalars())
        for start in range(0, len(kept), PER_PAGE):
            yield from told(kept[start : start + PER_PAGE], reader, since)


def told(patterns: Sequence[Pattern], reader: Reader, since: datetime) -> list[Told]:
    """Return patterns as a reader may see them; products are of the tickets answered since then.

    What has been thrown away since the look is left out, and a pattern of which one part is left with it.
    """
    answers = {each.article_id for each in patterns if each.article_id is not None}
    asked = _ids(each for each in patterns if each.article_id is not None)
    articles = _placed(answers | _ids(each for each in patterns if each.article_id is None), reader, since)
    tickets = _tickets(asked)
    found = []
    for each in patterns:
        if each.article_id is None:
            answer, parts = None, _of_articles(each.parts, articles)
        else:
            answer, parts = articles.get(each.article_id), _of_tickets(each.parts, tickets)
        if len(parts) > 1 and (answer is not None or each.article_id is None):
            found.append(Told(each.id, each.kind, each.tickets, parts, answer))
    return found


def csv_of(found: Iterable[Told]) -> Iterator[str]:
    """Yield a header and a line for each article of a part, with text that no spreadsheet computes.

    Tickets are counted, never named, so that the file may leave support.
    """
    yield _line(HEADS)
    for each in found:
        for number, part in enumerate(each.parts, 1):
            for placed in part.articles or ((each.article,) if each.article else ()):
                yield _line(
                    (
                        *(each.number, each.kind.value, each.tickets, number),
                        *(placed.article.key, placed.article.title, placed.domain),
                        *("; ".join(placed.environment), "; ".join(placed.products)),
                        len(part.tickets) or "",
                    )
                )


def _line(cells: Iterable[object]) -> str:
    text = StringIO()
    csv.writer(text).writerow([neutral(cell) for cell in cells])
    return text.getvalue()


def _in_order(kind: PatternKind) -> Select[Pattern]:
    return select(Pattern).where(Pattern.kind == kind).order_by(Pattern.tickets.desc(), Pattern.id)


def _ids(patterns: Iterable[Pattern]) -> set[int]:
    return {number for each in patterns for part in each.parts for number in part}


def _of_tickets(parts: Iterable[Iterable[int]], tickets: Mapping[int, Ticket]) -> tuple[Part, ...]:
    kept = [tuple(tickets[number] for number in part if number in tickets) for part in parts]
    return tuple(Part((), part, (), ()) for part in kept if part)


def _of_articles(parts: Iterable[Iterable[int]], articles: Mapping[int, Placed]) -> tuple[Part, ...]:
    listed = [tuple(articles[number] for number in part if number in articles) for part in parts]
    kept = [part for part in listed if part]
    marks = [_marks(part) for part in kept]
    in_parts = Counter(mark.casefold() for some in marks for mark in some)
    return tuple(
        Part(part, (), tuple(some), tuple(mark for mark in some if in_parts[mark.casefold()] == 1))
        for part, some in zip(kept, marks, strict=True)
    )


def _marks(articles: Iterable[Placed]) -> list[str]:
    """Return what is said of where these articles hold, each once."""
    said = [
        mark
        for each in articles
        for mark in (*each.environment, *each.products, *([each.domain] if each.article.domain else []))
    ]
    found: dict[str, str] = {}
    for mark in said:
        found.setdefault(mark.casefold(), mark)
    return list(found.values())


def _placed(ids: Collection[int], reader: Reader, since: datetime) -> dict[int, Placed]:
    query = select(Article).where(Article.id.in_(ids), Article.confidence != Confidence.DELETED)
    products = _products(ids, since)
    return {
        article.id: Placed(
            article, domain_of(article).name, _environment(article, reader), products.get(article.id, ())
        )
        for article in db.session.execute(query).scalars()
    }


def _environment(article: Article, reader: Reader) -> tuple[str, ...]:
    parts = readable_parts(article.current_version, reader)
    text = "\n".join(parts[name] for name in ENVIRONMENT_FIELDS if parts.get(name))
    said = (each.strip(_SIGNS)[:LONGEST_ENVIRONMENT] for each in _APART.split(text.replace("**", "")))
    return tuple(dict.fromkeys(each for each in said if each))


def _products(ids: Collection[int], since: datetime) -> dict[int, tuple[str, ...]]:
    """Return by article the products that most of its tickets are about."""
    used = used_since(since)
    number = func.count()
    rows = db.session.execute(
        select(used.c.article_id, ReportLabel.name)
        .join(SolvedFact, SolvedFact.ticket_id == used.c.ticket_id)
        .join(ReportLabel, ReportLabel.id == SolvedFact.product_id)
        .where(used.c.article_id.in_(ids), SolvedFact.known_to == FOREVER)
        .group_by(used.c.article_id, ReportLabel.name)
        .order_by(number.desc(), ReportLabel.name)
    )
    found: dict[int, tuple[str, ...]] = {}
    for article, name in rows:
        found[article] = (*found.get(article, ()), name)[:PRODUCTS_SHOWN]
    return found


def _tickets(ids: Collection[int]) -> dict[int, Ticket]:
    query = select(Ticket).where(Ticket.id.in_(ids), Ticket.status != DeskStatus.DELETED)
    return {ticket.id: ticket for ticket in db.session.execute(query).scalars()}
