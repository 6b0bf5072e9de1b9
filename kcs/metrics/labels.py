"""What the keys of a report's rows are called: looked up when a report is shown, never stored in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Integer, Select, SQLColumnExpression, Text, column, select, table
from sqlalchemy.sql.selectable import TableClause

from kcs.database import db
from kcs.metrics import turns
from kcs.metrics.model import NOBODY, Key, Row, Segment
from kcs.metrics.reach import Reach
from kcs.people.models import Agent, Department, Team
from kcs.sentences import Sentence
from kcs.words import ARTICLE_STATES, LICENCES

_BATCH = 500

# Tables of features that lie beside this one or above: only their names are read.
_connections = table("connections", column("id", Integer), column("name", Text))
_domains = table("domains", column("id", Integer), column("name", Text))
_labels = table("report_labels", column("id", Integer), column("name", Text))
_articles = table(
    "articles", column("id", Integer), column("key", Text), column("current_version_id", Integer)
)
_versions = table("versions", column("id", Integer), column("title", Text))

OUTCOMES = {
    "linked": Sentence("Linked"),
    "exempt": Sentence("Exempt"),
    "unanswered": Sentence("Unanswered"),
}
PLACES = {
    "page": Sentence("Search page"),
    "help_centre": Sentence("Help centre"),
    "api": Sentence("API"),
    "panel": Sentence("Beside a ticket"),
    "editor": Sentence("Editor"),
}
READERS = {
    "visitor": Sentence("Visitors"),
    "colleague": Sentence("Colleagues"),
    **LICENCES,
    "unlicensed": Sentence("Colleagues without a licence"),
}
EXEMPTION_REASONS = {
    "no_knowledge": Sentence("No knowledge in it"),
    "spam_or_duplicate": Sentence("Spam or duplicate"),
    "waiting_on_product": Sentence("Waiting on product"),
    "confidential": Sentence("Confidential"),
    "out_of_scope": Sentence("Out of scope"),
    "other": Sentence("Another reason"),
}
NONE = {
    Segment.AGENT: Sentence("Nobody of ours"),
    Segment.TEAM: Sentence("No team"),
    Segment.DEPARTMENT: Sentence("No department"),
    Segment.LICENCE: Sentence("No licence"),
    Segment.DESK: Sentence("No desk"),
    Segment.DOMAIN: Sentence("No domain"),
    Segment.PRODUCT: Sentence("No product"),
    Segment.TAG: Sentence("No tag"),
    Segment.ARTICLE: Sentence("No article"),
    Segment.OWNER: Sentence("Nobody of ours"),
    Segment.CREATOR: Sentence("Nobody of ours"),
}


def _named(source: TableClause) -> Select[int, str]:
    return select(source.c.id, source.c.name)


_PEOPLE = (select(Agent.id, Agent.name), Agent.id)
_IDS: Mapping[Segment, tuple[Select[int, str], SQLColumnExpression[int]]] = {
    Segment.AGENT: _PEOPLE,
    Segment.OWNER: _PEOPLE,
    Segment.CREATOR: _PEOPLE,
    Segment.TEAM: (select(Team.id, Team.name), Team.id),
    Segment.DEPARTMENT: (select(Department.id, Department.name), Department.id),
    Segment.DESK: (_named(_connections), _connections.c.id),
    Segment.DOMAIN: (_named(_domains), _domains.c.id),
    Segment.PRODUCT: (_named(_labels), _labels.c.id),
    Segment.TAG: (_named(_labels), _labels.c.id),
    Segment.ARTICLE: (
        select(_articles.c.id, _articles.c.key + " " + _versions.c.title).join(
            _versions, _versions.c.id == _articles.c.current_version_id
        ),
        _articles.c.id,
    ),
}
# All that rows of these segments can stand for, but for what has none.
KNOWN_CODES: Mapping[Segment, Mapping[str, Sentence]] = {
    Segment.LICENCE: LICENCES,
    Segment.OUTCOME: OUTCOMES,
    Segment.PLACE: PLACES,
    Segment.READER: READERS,
    Segment.STATE: ARTICLE_STATES,
}
_SAYING: Mapping[Segment, Callable[[str], str | None]] = {
    **{segment: names.get for segment, names in KNOWN_CODES.items()},
    Segment.WORDS: lambda code: code,
    Segment.EXPERT: turns.name_of,
}


def named(rows: Iterable[Row], by: Segment, reach: Reach) -> list[Row]:
    """Return rows with their labels, in the order people look for them: by name, never by figure.

    States stand in the order of an article's life.
    """
    found = list(rows)
    if by is Segment.WORDS or (by not in _IDS and by not in _SAYING):
        return found  # no people: in the order they were given
    names = names_within(reach, by, [row.key for row in found])
    labelled = [replace(row, label=names[row.key]) for row in found]
    if by is Segment.STATE:
        life = {state: place for place, state in enumerate(ARTICLE_STATES)}
        return sorted(labelled, key=lambda row: life.get(str(row.key), len(life)))
    return sorted(labelled, key=lambda row: (row.key == NOBODY, row.label.casefold(), str(row.key)))


def names_of(by: Segment, keys: Iterable[Key]) -> dict[Key, str]:
    """Return what each key is called; one that is no more by its number."""
    wanted = list(dict.fromkeys(keys))
    names: dict[Key, str] = {key: _unnamed(by, key) for key in wanted}
    if by in _SAYING:
        return {key: _SAYING[by](str(key)) or name for key, name in names.items()}
    query, ids = _IDS[by]
    numbers = [key for key in wanted if isinstance(key, int)]
    for start in range(0, len(numbers), _BATCH):
        rows = db.session.execute(query.where(ids.in_(numbers[start : start + _BATCH])))
        names.update(rows.all())
    return names


def names_within(reach: Reach, by: Segment, keys: Iterable[Key]) -> dict[Key, str]:
    """Return what each key is called to a reader: a team says where its figures are not all of it."""
    names = names_of(by, keys)
    if by not in (Segment.TEAM, Segment.DEPARTMENT) or reach.everybody:
        return names
    whole = reach.teams if by is Segment.TEAM else frozenset()
    return {
        key: name if key == NOBODY or key in whole else _in_part(name, reach) for key, name in names.items()
    }


def _in_part(team: str, reach: Reach) -> Sentence:
    if reach.teams:
        return Sentence("%(team)s: within your reach", team=team)
    return Sentence("%(team)s: yours alone", team=team)


def _unnamed(by: Segment, key: Key) -> str:
    return NONE[by] if key == NOBODY and by in NONE else Sentence("Number %(id)s", id=key)
