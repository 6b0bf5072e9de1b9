"""Whoever writes what is known already is shown it while they type, and asked once before they save it.

The wordings are real: people's own ways to ask one question, from the data sets beside the project
(KCS_TEST_DATA names another place for them).
"""

from __future__ import annotations

import json
import os
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from kcs.articles.structure import DEFAULT, SHIPPED
from kcs.authoring.similar import similar_to
from kcs.authoring.typed import Draft
from kcs.database import db
from tests.factories import make_agent, make_article

pytestmark = pytest.mark.long

DATA = Path(os.environ.get("KCS_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
# How many questions of each collection are asked twice; the rest are among the others.
ASKED_TWICE = {"stackfaq_articles": 59, "banking77": 41}
OTHERS = 400
WORDINGS = 6  # in the article: its title, and how customers put it


@dataclass(frozen=True)
class Pair:
    """One question asked twice: as the article has it, and as somebody begins to type it."""

    key: str
    title: str
    parts: dict[str, str]
    typed: str
    half_issue: str


def _lines(folder: str, name: str) -> list[dict[str, str]]:
    path = DATA / folder / name
    if not path.exists():
        pytest.skip(f"the data set {folder} is not there: {path}")
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _wordings(folder: str) -> dict[str, list[str]]:
    """Return how people put each question, by the article that answers it."""
    texts = {each["id"]: each["title"] or each["body"] for each in _lines(folder, "dev/queries.jsonl")}
    asked: dict[str, list[str]] = defaultdict(list)
    for line in (DATA / folder / "dev" / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, article, _ = line.split("\t")
        asked[article].append(texts[query])
    return asked


def _pair(article: dict[str, str], wordings: list[str]) -> Pair:
    """The article has the first wordings, the next two are typed: the last of them in half."""
    title, *issue = wordings[:WORDINGS]
    typed, half = wordings[WORDINGS : WORDINGS + 2]
    parts = {"issue": "\n".join(f"- {each}" for each in issue), "resolution": article["body"] or "See there."}
    return Pair(article["id"], title, parts, typed, half[: len(half) // 2])


def _planted() -> tuple[list[Pair], list[tuple[str, str]]]:
    """Return the pairs, and the titles and texts of articles about other things."""
    pairs, others = [], []
    for folder, twice in ASKED_TWICE.items():
        asked, articles = _wordings(folder), _lines(folder, "corpus.jsonl")
        often = [each for each in articles if len(asked[each["id"]]) >= WORDINGS + 2][:twice]
        pairs += [_pair(each, asked[each["id"]]) for each in often]
        others += [(each["title"], each["body"]) for each in articles if each not in often]
    for folder in ("xquad_en", "facqa_id"):
        others += [
            (each["title"] or each["body"][:80], each["body"]) for each in _lines(folder, "corpus.jsonl")
        ]
    return pairs, others[:OTHERS]


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite is enough: the index that is asked here is the same beside both databases."""
    shutil.copy(sqlite_template, tmp_path / "kcs.db")
    return f"sqlite:///{tmp_path / 'kcs.db'}"


def test_the_twin_is_among_the_first_three_for_95_of_100(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs, others = _planted()
    assert (len(pairs), len(others)) == (100, OTHERS)
    for title, text in others:
        make_article(title=title[:200], parts={"issue": title, "resolution": text or title})
    for pair in pairs:
        make_article(title=pair.title, parts=pair.parts, key=pair.key)
    db.session.commit()
    reader, index = make_agent(), app.extensions["kcs.search"]
    places, alarms = [], []
    for pair in pairs:
        draft = Draft(None, pair.typed, {"issue": pair.half_issue}, SHIPPED[DEFAULT])
        similar = similar_to(index, draft, reader)
        keys = [each.article.key for each in similar]
        alarms += [each.article.key for each in similar if each.looks_same and each.article.key != pair.key]
        places.append(keys.index(pair.key) if pair.key in keys else None)
    first, three = (sum(place is not None and place < limit for place in places) for limit in (1, 3))
    with capsys.disabled():
        print(f"\n  first: {first}, among three: {three} of {len(pairs)}")  # noqa: T201 -- the figure is the proof
    assert three >= 95
    assert alarms == [], "an article about something else is taken for the same"
