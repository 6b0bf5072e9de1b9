"""Articles from elsewhere: taken from files of every format, committed in steps, or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Any

import yaml
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError

from kcs.articles.formats import jsonl
from kcs.articles.formats.folder import Source
from kcs.articles.taking import Done, Taker
from kcs.database import db
from kcs.errors import KcsError
from kcs.lines import said

COMMIT_EVERY = 200
LONGEST_REASON = 1000


@dataclass(frozen=True)
class Outcome:
    """What became of a line or file: the article's key, or why it was refused.

    `line` counts from 1; `place` says it to people: the line, or the file's path.
    """

    line: int
    key: str | None = None
    problem: str | None = None
    done: Done = Done.TAKEN
    place: str = ""


def import_lines(lines: Iterable[str | bytes]) -> Iterator[Outcome]:
    """Take over each line; a line that is refused changes nothing and does not stop the others."""
    yield from import_sources(jsonl.sources(lines), Taker())


def import_sources(sources: Iterable[Source], taker: Taker, *, dry_run: bool = False) -> Iterator[Outcome]:
    """Take over each source, and commit every `COMMIT_EVERY`; `dry_run` takes all of it back at the end.

    After a break the same sources again take the rest. A dry run holds its locks to the end.
    """
    tried = db.session.begin_nested() if dry_run else None
    waiting: dict[int, Outcome] = {}
    try:
        for count, source in enumerate(sources, start=1):
            before = len(taker.merged)
            outcome = _import(source, taker)
            waiting.update({article_id: outcome for article_id, _ in taker.merged[before:]})
            yield outcome
            if count % COMMIT_EVERY == 0 and not dry_run:
                db.session.commit()
        for article_id, key in taker.merge_late():
            yield _not_merged(waiting[article_id], key)
    finally:
        if tried is not None:
            tried.rollback()
    if not dry_run:
        db.session.commit()


def _import(source: Source, taker: Taker) -> Outcome:
    before = len(taker.merged)
    try:
        with db.session.begin_nested():
            done, article = taker.take(source.read())
            return Outcome(source.line, article.key, done=done, place=source.place)
    except tuple(_WORDS) as error:
        del taker.merged[before:]
        return Outcome(source.line, problem=_sentence(error), done=Done.REFUSED, place=source.place)


def _not_merged(taken: Outcome, into: str) -> Outcome:
    problem = f"it is here, but not merged into {into}: there is no such article, or it leads back"
    return replace(taken, problem=problem, done=Done.REFUSED)


def _sentence(error: Exception) -> str:
    """Say in one line why something was refused."""
    text = next(words(error) for kind, words in _WORDS.items() if isinstance(error, kind))
    return shorten(text, LONGEST_REASON, placeholder=" …")


# What a file can do wrong, and how that is said; anything else is a fault of ours and stops the import.
_WORDS: dict[type[Exception], Callable[[Any], str]] = {
    KcsError: lambda error: error.message,
    ValidationError: said,
    UnicodeDecodeError: lambda _: "not UTF-8",
    RecursionError: lambda _: "nested too deeply",
    OSError: lambda error: f"cannot be read: {error.strerror or error}",
    yaml.YAMLError: lambda error: f"the lines between '---' are not YAML: {' '.join(str(error).split())}",
    IntegrityError: lambda _: "somebody else has just written an article with this key: try again",
    ValueError: str,
    OverflowError: str,
}
