"""Looking for patterns: one symptom with several causes, one cause with several symptoms.

What articles say of the symptom (title and issue) is compared with one another, and so is what they answer
(resolution and cause). Articles alike in the one and unlike in the other are a pattern. So is an article
whose tickets ask unlike things and stay solved. No model is trained; the same texts give the same patterns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

from sqlalchemy import and_, delete, func, or_, select

from kcs import database
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Version
from kcs.articles.trust import CLOSED
from kcs.database import db
from kcs.evolving.doubts import CAME_BACK, FEWEST_TICKETS, Used, uses
from kcs.evolving.models import Pattern, PatternKind, PatternLook
from kcs.evolving.queries import used_since
from kcs.search.clusters import SMALLEST, Compared
from kcs.solving.gaps import TEXT_CHARS, texts_of
from workflow.article import Audience, Confidence

EVERY = timedelta(hours=6)
# The latest texts: twice so many take more than twice as long.
LOOKED_AT = 10_000
# From this likeness on texts say the same; what differs is further apart than `clusters.CLOSE`.
ALIKE = 0.5
# Answers whose tickets are compared: those used most in the year.
MOST_USED = 200
YEAR = timedelta(days=365)
SYMPTOM_FIELDS, ANSWER_FIELDS = ("issue",), ("resolution", "cause")
PATTERNS_LOCK = 7407
_BATCH = 500

Text = tuple[int, str]


@dataclass(frozen=True)
class Found:
    """A pattern as `Pattern` keeps it, without its tickets."""

    kind: PatternKind
    parts: tuple[tuple[int, ...], ...]
    article_id: int | None = None


@dataclass(frozen=True)
class Looked:
    """One look: what was found, how many tickets each article answered, how many articles were read."""

    found: Sequence[Found]
    tickets: Mapping[int, int]
    articles: int

    def answered(self, found: Found) -> int:
        """Return how many tickets the articles of a pattern answered."""
        articles = [found.article_id] if found.article_id is not None else sum(found.parts, ())
        return sum(self.tickets.get(article, 0) for article in articles if article is not None)


@dataclass
class _Read:
    """What articles say, by id; `went_into` are articles merged into another one, and which."""

    symptoms: list[Text] = field(default_factory=list)
    answers: list[Text] = field(default_factory=list)
    went_into: dict[int, int] = field(default_factory=dict)


def work() -> int:
    """Look through the base and keep what is found instead of what was found before. Commits."""
    with database.reading():
        looked = look()
    database.end_reading()
    keep(looked)
    db.session.commit()
    return len(looked.found)


def look() -> Looked:
    """Return the patterns of the whole base; changes nothing.

    What only some colleagues may read is not compared, nor are translations of another article.
    """
    read = _read()
    symptoms, answers = Compared(read.symptoms, whole=True), Compared(read.answers, whole=True)
    tickets = _tickets()
    found = [
        *_several_causes(symptoms, answers, read),
        *_several_symptoms(symptoms, answers, read),
        *_unlike_tickets(tickets),
    ]
    return Looked(found, tickets, len(read.symptoms))


def keep(looked: Looked) -> None:
    """Replace what is kept by what was found."""
    database.advisory_lock(PATTERNS_LOCK)
    db.session.execute(delete(Pattern))
    db.session.execute(delete(PatternLook))
    db.session.add_all(
        Pattern(
            kind=each.kind,
            article_id=each.article_id,
            parts=[list(part) for part in each.parts],
            tickets=looked.answered(each),
        )
        for each in looked.found
    )
    db.session.add(PatternLook(id=1, finished_at=database.now(), articles=looked.articles))
    db.session.flush()


def _several_causes(symptoms: Compared, answers: Compared, read: _Read) -> Iterator[Found]:
    for ids in symptoms.ids(ALIKE):
        parts = answers.apart(each for each in ids if each not in read.went_into)
        if len(parts) > 1:
            yield Found(PatternKind.SYMPTOM, tuple(parts))


def _several_symptoms(symptoms: Compared, answers: Compared, read: _Read) -> Iterator[Found]:
    """What was merged into an article is one of its symptoms."""
    merged: defaultdict[int, list[int]] = defaultdict(list)
    for article, into in read.went_into.items():
        merged[into].append(article)
    grouped = answers.ids(ALIKE)
    alone = set(merged).difference(*grouped)
    for ids in [*grouped, *((each,) for each in sorted(alone))]:
        parts = symptoms.apart([*ids, *(source for each in ids for source in merged[each])])
        if len(parts) > 1:
            yield Found(PatternKind.CAUSE, tuple(parts))


def _unlike_tickets(tickets: Mapping[int, int]) -> Iterator[Found]:
    """Articles that answer several kinds of tickets, two or more of each, which rarely came back."""
    most = [article for article, number in Counter(tickets).most_common(MOST_USED)]
    by_article: defaultdict[int, list[Used]] = defaultdict(list)
    for each in uses(most, database.now() - YEAR):
        by_article[each[0]].append(each)
    enough = {article: used for article, used in by_article.items() if len(used) >= FEWEST_TICKETS}
    texts = texts_of(sorted({ticket for used in enough.values() for _, ticket, _, _ in used}))
    compared = Compared(texts.ready, hidden=texts.named)
    for article, used in enough.items():
        back = sum(reopened or second for _, _, reopened, second in used)
        parts = compared.apart(ticket for _, ticket, _, _ in used)
        kinds = tuple(part for part in parts if len(part) >= SMALLEST)
        if len(kinds) > 1 and Fraction(back, len(used)) < CAME_BACK:
            yield Found(PatternKind.CAUSE, kinds, article)


def _tickets() -> dict[int, int]:
    """How many tickets each article answered in the year."""
    used = used_since(database.now() - YEAR)
    rows = db.session.execute(
        select(used.c.article_id, func.count()).group_by(used.c.article_id).order_by(used.c.article_id)
    )
    return {row[0]: row[1] for row in rows}


def _read() -> _Read:
    read = _Read()
    merged = and_(Article.confidence == Confidence.ARCHIVED, Article.merged_into_id.is_not(None))
    ids = list(
        db.session.execute(
            select(Article.id)
            .where(
                or_(Article.confidence.not_in(CLOSED), merged),
                Article.translation_of_id.is_(None),
                Article.current_version_id.is_not(None),
            )
            .order_by(Article.current_version_id.desc())
            .limit(LOOKED_AT)
        ).scalars()
    )
    for start in range(0, len(ids), _BATCH):
        _read_some(ids[start : start + _BATCH], read)
    return read


def _read_some(ids: Collection[int], read: _Read) -> None:
    rows = db.session.execute(
        select(Article.id, Article.confidence, Article.merged_into_id, Version)
        .join(Version, Version.id == Article.current_version_id)
        .where(Article.id.in_(ids))
        .order_by(Article.id)
    )
    for article, confidence, into, version in rows:
        parts = readable_parts(version, Audience.INTERNAL)
        answer = _joined(parts, ANSWER_FIELDS)
        if not answer:
            continue
        read.symptoms.append((article, f"{version.title}\n{_joined(parts, SYMPTOM_FIELDS)}"[:TEXT_CHARS]))
        if confidence in CLOSED and into is not None:
            read.went_into[article] = into
        else:
            read.answers.append((article, answer[:TEXT_CHARS]))


def _joined(parts: Mapping[str, str], names: Iterable[str]) -> str:
    return "\n".join(parts[name] for name in names if parts.get(name))
