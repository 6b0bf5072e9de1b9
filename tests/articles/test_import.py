"""Taking articles over: good lines are taken, bad ones named with their reason, and none stops the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from kcs.articles.commands import articles as articles_command
from kcs.articles.imports import import_lines
from kcs.articles.models import Article
from kcs.articles.rendering import reader_html
from kcs.database import db
from kcs.search.models import SearchChange
from tests.factories import make_article
from workflow.article import ArticleState, Audience

GOOD: list[dict[str, str | list[str]]] = [
    {"key": "A-1", "title": "Plain", "body": "All of it"},
    {"title": "Structured", "issue": "i", "environment": "e", "resolution": "r", "cause": "c"},
    {"key": "A-2", "title": "Outside", "body": "b", "audience": "public"},
    {"key": "A-3", "title": "Draft", "issue": "i", "confidence": "wip", "locale": "es", "tags": ["a", "b"]},
    {"key": "Ä 4: x.y", "title": "nul\u0000 and \ud800", "body": "b\u0000"},
]
BAD = {
    "{": "not JSON",
    "[]": "not a JSON object",
    "null": "not a JSON object",
    '{"body": "b"}': "title",
    '{"title": 5, "body": "b"}': "title",
    '{"title": "T", "body": "b", "author": "me"}': "author",
    '{"title": "T", "body": "b", "audience": "everybody"}': "audience",
    '{"title": "T", "body": "b", "confidence": "not_validated", "audience": "public"}': "only validated",
    '{"title": "T", "body": "write to someone@customer.example", "audience": "public"}': "personal data",
    '{"title": "T", "issue": "i", "confidence": "validated"}': "needs a resolution",
    '{"key": "A-1", "title": "T", "body": "b"}': "already",
    '{"key": " A-1\\n", "title": "T", "body": "b"}': "already",
    '{"key": "", "title": "T", "body": "b"}': "key",
    '{"key": " \\u0000", "title": "T", "body": "b"}': "cannot be an article's key",
    '{"key": "a/b", "title": "T", "body": "b"}': "cannot be an article's key",
    '{"key": "new", "title": "T", "body": "b"}': "cannot be an article's key",
    "[" * 100_000: "not JSON",
    '{"a":' * 100_000: "not JSON",
}


def test_good_lines_are_taken_and_bad_ones_named(app: Flask) -> None:
    lines = [json.dumps(line) for line in GOOD] + ["", "  \n", *BAD]
    outcomes = list(import_lines(lines))
    taken, refused = outcomes[: len(GOOD)], outcomes[len(GOOD) :]
    assert [outcome.problem for outcome in taken] == [None] * len(GOOD)
    assert [outcome.line for outcome in refused] == [8 + number for number in range(len(BAD))]
    for outcome, (line, reason) in zip(refused, BAD.items(), strict=True):
        assert outcome.problem is not None
        assert reason in outcome.problem, (line[:80], outcome.problem)
    articles = {article.key: article for article in db.session.query(Article)}
    assert len(articles) == len(GOOD)
    assert {key: articles[key].state for key in ("A-1", "A-2", "A-3")} == {
        "A-1": ArticleState.VALIDATED,
        "A-2": ArticleState.PUBLISHED,
        "A-3": ArticleState.WIP,
    }
    assert articles["A-2"].live_version is articles["A-2"].current_version
    assert (articles["A-3"].locale, articles["A-3"].tags) == ("es", ["a", "b"])
    assert articles["Ä 4: x.y"].title == "nul and"
    fed = {change.article_id for change in db.session.query(SearchChange)}
    assert fed == {article.id for article in articles.values()}, (
        "search learns of what was taken, nothing else"
    )


def test_the_same_file_again_takes_nothing(app: Flask) -> None:
    lines = [json.dumps(line) for line in GOOD if "key" in line]
    list(import_lines(lines))
    assert [("already" in (outcome.problem or "")) for outcome in import_lines(lines)] == [True] * len(lines)
    assert db.session.query(Article).count() == len(lines)


def test_the_command_names_refused_lines_and_fails(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text(json.dumps(GOOD[0]) + "\n{\n")
    result = app.test_cli_runner().invoke(articles_command, ["import", str(file), "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"taken": 1, "refused": 1})
    assert "line 2: not JSON" in result.stderr


@pytest.mark.parametrize(
    ("parts", "html"),
    [
        (
            {"resolution": "1. *Do*", "issue": "It <fails>"},
            "<h2>Issue</h2><p>It &lt;fails&gt;</p>\n\n<h2>Resolution</h2><ol>\n<li><em>Do</em></li>\n</ol>\n",
        ),
        ({"body": "# Top\n\n[x](javascript:alert(1))"}, "<h2>Top</h2>\n<p>[x](javascript:alert(1))</p>\n"),
    ],
)
def test_readers_get_each_part_under_its_heading(app: Flask, parts: dict[str, str], html: str) -> None:
    article = make_article(ArticleState.WIP, parts=parts)
    assert reader_html(article.current_version, Audience.INTERNAL) == html
