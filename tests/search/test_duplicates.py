"""Near-duplicates: what is found among real texts, and what becomes of the pairs."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from flask import Flask

from benchmarks.duplicates import is_copy, made_texts
from kcs.articles.merging import merge_articles
from kcs.articles.models import Article
from kcs.articles.services import move_article, save_version
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.duplicate_acts import dismiss, keep_duplicates, look_for_duplicates, put_back
from kcs.search.duplicate_commands import duplicates
from kcs.search.duplicate_models import DuplicatePair, PairState
from kcs.search.duplicate_queries import count_pairs, page_of_pairs
from kcs.search.duplicates import FORM_TEXTS, MOST_EACH, TITLE_TEXTS, near_duplicates
from kcs.search.signatures import BUCKET, ROWS, close_rows, signatures
from tests.factories import make_agent, make_article, sign_in
from tests.processes import DATA
from workflow.article import ArticleState, Move
from workflow.permissions import Licence

WORDS = [f"word{number}" for number in range(5000)]
PARTS = {
    "issue": "Exporting a report with more than a thousand rows ends with a blank page in the browser.",
    "environment": "Reports 4.2 in any browser",
    "resolution": "Open the settings, choose background exports, and collect the file from your inbox later.",
}
OTHER = {"issue": "The printer wants paper.", "environment": "Press 7", "resolution": "Fill the second tray."}


def text_of(seed: int, words: int) -> str:
    """Return words nobody else has in this order."""
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def found(texts: list[tuple[int, str, str]], **wanted: float) -> dict[tuple[int, int], float]:
    """Return the pairs with their likeness."""
    return {(pair.first, pair.second): pair.likeness for pair in near_duplicates(texts, **wanted)}


def edited(body: str, other: str, chance: random.Random) -> Iterator[str]:
    """The edits a copy sees: words dropped, sentences in another order, more at the end, words replaced."""
    words, more = body.split(), other.split()
    yield " ".join(word for word in words if chance.random() > 0.05)
    sentences = [f"{sentence}." for sentence in body.split(". ")]
    yield " ".join(chance.sample(sentences, len(sentences)))
    yield f"{body}\n\n{' '.join(more[: len(words) // 3])}"
    yield " ".join(chance.choice(more) if chance.random() < 0.05 else word for word in words)


@pytest.mark.parametrize("corpus", ["stackfaq_articles", "xquad_en", "xquad_es"])
def test_edited_copies_of_real_texts_are_found_and_nothing_else(corpus: str) -> None:
    file = DATA / corpus / "corpus.jsonl"
    if not file.exists():
        pytest.skip(f"{file} is not there: set KCS_TEST_DATA to a folder with the data sets")
    bodies = [json.loads(line)["body"] for line in file.read_text(encoding="utf-8").splitlines()][:120]
    chance = random.Random(5)
    texts = [(number, "", body) for number, body in enumerate(bodies)]
    copies = set()
    for number, body in enumerate(bodies[:40]):
        for copy in edited(body, bodies[-number - 1], chance):
            copies.add((number, len(texts)))
            texts.append((len(texts), "", copy))
    of = {copy: number for number, copy in copies}
    pairs = set(found(texts))
    assert len(copies & pairs) >= 0.98 * len(copies)
    assert {pair for pair in pairs if of.get(pair[0], pair[0]) != of.get(pair[1], pair[1])} == set()


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (("", text_of(1, 200)), ("", text_of(1, 200)), 1.0),
        (("", text_of(1, 200)), ("", text_of(2, 200)), None),
        (("Reset your password", "Click the link."), ("Reset your password", "Ask your administrator."), 0.5),
        (("Reset your password now", "Click it."), ("Password, reset your", "Ask us for another one."), None),
        (
            ("Reset your password", "Click the link below"),
            ("Reset your passwords", "Click the link below"),
            0.5,
        ),
        (("כניסה לחשבון", "יש ללחוץ על הקישור שנשלח אליך"), ("איפוס", "יש ללחוץ על הקישור שנשלח אליך"), 0.5),
        (("", ""), ("", ""), None),
        (("", "one"), ("", "one"), 1.0),
    ],
)
def test_what_two_texts_are_alike_in(
    one: tuple[str, str], other: tuple[str, str], alike: float | None
) -> None:
    pairs = found([(7, *one), (3, *other)])
    if alike is None:
        assert pairs == {}
    else:
        assert list(pairs) == [(3, 7)]
        assert pairs[3, 7] >= alike


def test_the_order_of_the_texts_changes_nothing() -> None:
    texts = [(number, title, body) for number, title, body in made_texts(400)]
    pairs = list(near_duplicates(texts))
    assert pairs == list(near_duplicates(reversed(texts)))
    assert [pair.likeness for pair in pairs] == sorted((pair.likeness for pair in pairs), reverse=True)


def test_a_form_that_many_texts_share_makes_no_pairs_and_hides_none() -> None:
    form = text_of(0, 80)
    texts = [(number, "", f"{text_of(number, 40)}\n{form}") for number in range(1, FORM_TEXTS * 4)]
    texts += [(1000, "", f"{text_of(1, 40)} and more\n{form}")]
    assert list(found(texts)) == [(1, 1000)]


def test_a_title_that_many_texts_share_makes_no_pairs() -> None:
    texts = [(number, "Release notes", text_of(number, 100)) for number in range(TITLE_TEXTS + 1)]
    assert found(texts) == {}
    assert len(found(texts[:3])) == 3


def test_of_many_copies_each_text_has_few_pairs_and_none_is_left_out() -> None:
    same = [(number, "", text_of(1, 100)) for number in range(60)]
    assert {number for pair in found(same) for number in pair} == set(range(60))
    like = [(number, "", f"{text_of(1, 100)} {text_of(number + 2, 15)}") for number in range(60)]
    pairs = found(like)
    assert {number for pair in pairs for number in pair} == set(range(60))
    assert len(pairs) <= MOST_EACH * 60


def test_a_bucket_too_full_for_all_pairs_still_brings_the_closest_together() -> None:
    """Three quarters of every set are the same in all, and two and two are nearly the same throughout."""
    chance = np.random.default_rng(3)
    common, sets = chance.integers(0, 1 << 32, 300, dtype=np.uint32), []
    for _ in range(150):
        own = chance.integers(0, 1 << 32, 105, dtype=np.uint32)
        sets += [np.concatenate([common, own[:100]]), np.concatenate([common, own[5:]])]
    signed = signatures(iter([sets]), len(sets))
    fullest = Counter(map(bytes, signed[:, :ROWS])).most_common(1)[0][1]
    assert fullest > BUCKET
    assert set(close_rows(signed, 0.95)) >= {(number, number + 1) for number in range(0, 300, 2)}


def test_the_benchmark_finds_its_copies() -> None:
    copies = {(number - 1, number) for number in range(2000) if is_copy(number)}
    pairs = set(found(list(made_texts(2000))))
    assert len(pairs & copies) >= 0.97 * len(copies)
    assert len(pairs - copies) == 0


@pytest.fixture
def publisher(app: Flask) -> Agent:  # on its database
    return make_agent(Licence.PUBLISHER, email="pat@example.com")


def look() -> int:
    """Look through all articles and keep what is found."""
    return keep_duplicates(look_for_duplicates())


def queue(state: PairState = PairState.OPEN) -> list[tuple[str, str]]:
    """Return the keys of the pairs in a state, in the order of the page."""
    pairs = page_of_pairs(state, page=1).items
    assert count_pairs(state) == len(pairs)
    return [(pair.first.key, pair.second.key) for pair in pairs]


def make_alike(author: Agent) -> tuple[Article, Article]:
    """Make two articles that say the same, and some that are no pair of theirs."""
    one = make_article(key="KB-1", title="Blank page on export", parts=PARTS, author=author)
    other = make_article(key="KB-2", title="Export shows nothing", parts=PARTS, author=author)
    make_article(key="KB-3", title="Paper is out", parts=OTHER, author=author)
    make_article(key="KB-4", title="Blank page on export", parts=PARTS, author=author).locale = "de"
    make_article(ArticleState.ARCHIVED, key="KB-5", title="Blank page on export", parts=PARTS, author=author)
    return one, other


def test_a_dismissed_pair_comes_back_only_with_another_text(publisher: Agent) -> None:
    _, other = make_alike(publisher)
    assert (look(), queue()) == (1, [("KB-1", "KB-2")])
    assert look() == 1
    pair = db.session.query(DuplicatePair).one()
    dismiss(pair, by=publisher)
    assert (queue(), queue(PairState.DISMISSED)) == ([], [("KB-1", "KB-2")])
    assert (look(), queue()) == (0, [])
    put_back(pair, by=publisher)
    dismiss(pair, by=publisher)
    save_version(other, other.title, {**PARTS, "cause": "Too many rows"}, by=publisher, base=1)
    assert (look(), queue()) == (1, [("KB-1", "KB-2")])
    db.session.refresh(pair)
    assert (pair.settled_by_id, pair.settled_at) == (None, None)
    save_version(other, "Paper is out again", OTHER, by=publisher, base=2)
    assert (look(), queue()) == (1, [("KB-2", "KB-3")])


def test_a_pair_leaves_the_queue_when_an_article_goes(publisher: Agent) -> None:
    one, other = make_alike(publisher)
    look()
    move_article(other, Move.ARCHIVE, by=publisher, reason="old")
    assert queue() == []
    move_article(other, Move.RESTORE, by=publisher)
    assert queue() == [("KB-1", "KB-2")]
    merge_articles(one, other, one.title, PARTS, by=publisher, base=one.current_version.number)
    pair = db.session.query(DuplicatePair).one()
    db.session.refresh(pair)
    assert (pair.state, pair.settled_by_id) == (PairState.MERGED, publisher.id)
    assert (look(), queue()) == (0, [])


def test_the_page_leads_from_how_to_look_to_a_settled_pair(app: Flask, publisher: Agent) -> None:
    client = sign_in(app.test_client(), publisher)
    assert "kcs search duplicates" in client.get("/articles/duplicates").text
    make_alike(publisher)
    look()
    db.session.commit()
    shown = client.get("/articles/duplicates").text
    for address in ("/articles/merge?left=KB-1&amp;right=KB-2", "/articles/compare?left=KB-1&amp;right=KB-2"):
        assert address in shown
    act = f"/articles/duplicates/{db.session.query(DuplicatePair).one().id}/dismiss"
    assert client.post(act).status_code == 303
    assert "No two articles say the same" in client.get("/articles/duplicates").text
    assert "KB-2" in client.get("/articles/duplicates?state=dismissed").text
    assert client.post(act).status_code == 409
    assert client.post("/articles/duplicates/99/dismiss").status_code == 404


def test_the_page_tells_when_articles_were_compared_and_what_changed_since(
    app: Flask, publisher: Agent
) -> None:
    client = sign_in(app.test_client(), publisher)
    assert "The articles were never compared." in client.get("/articles/duplicates").text
    one, _ = make_alike(publisher)
    look()
    db.session.commit()
    page = client.get("/articles/duplicates").text
    assert ("4 articles were compared <time" in page, "Nothing was written or changed since." in page) == (
        True,
        True,
    )
    save_version(one, one.title, {**PARTS, "cause": "Too many rows"}, by=publisher, base=1)
    make_article(key="KB-6", title="Camera stays black", parts=OTHER, author=publisher)
    make_article(ArticleState.ARCHIVED, key="KB-7", title="Put away", parts=OTHER, author=publisher)
    db.session.commit()
    assert "Since then 2 were written or changed." in client.get("/articles/duplicates").text


def test_the_command_fills_the_queue_and_says_so(app: Flask, publisher: Agent) -> None:
    make_alike(publisher)
    db.session.commit()
    answer = app.test_cli_runner().invoke(duplicates, ["--json"])
    assert (answer.exit_code, json.loads(answer.stdout)) == (0, {"articles": 4, "open": 1})
    answer = app.test_cli_runner().invoke(duplicates, ["--likeness", "1"])
    assert (answer.exit_code, answer.stdout) == (
        0,
        "4 articles looked through: 0 pairs wait at /articles/duplicates.\n",
    )
