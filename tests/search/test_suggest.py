"""Suggestions for a file: one line a ticket, in order, bad lines named, nothing written to the database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import event

from kcs.cli import main
from kcs.database import db
from kcs.search.suggest_files import suggest_lines
from kcs.solving.past_tickets import import_past_tickets
from tests.factories import make_article
from workflow.article import ArticleState

BAD = {
    "{": "not JSON",
    "[]": "not a JSON object",
    '{"title": "T"}': "id",
    '{"id": "", "title": "T"}': "id",
    '{"id": {}, "title": "T"}': "id",
    '{"id": "1", "title": ["T"]}': "title",
    '{"id": "1", "body": 7}': "body",
}


@dataclass(frozen=True)
class Named:
    """An article as far as a line tells of it."""

    key: str


@dataclass(frozen=True)
class Fitting:
    article: Any
    score: float
    reasons: Sequence[str]


@dataclass(frozen=True)
class Told:
    """A fake of what suggests: one article, named for the words it was asked with."""

    found: Sequence[Fitting] = ()
    no_article: float = 0.25


def told(title: str, body: str) -> Told:
    return Told([Fitting(Named(f"{title}|{body}"), 1 / 3, ("same words: é",))])


def test_a_line_tells_articles_with_score_and_reasons() -> None:
    [line] = suggest_lines(['{"id": "Q-1", "title": "Grey", "body": "all"}'], told)
    assert line.text is not None
    assert json.loads(line.text) == {
        "id": "Q-1",
        "no_article": 0.25,
        "articles": [{"key": "Grey|all", "score": 0.333333, "reasons": ["same words: é"]}],
    }
    assert "é" in line.text
    assert "\n" not in line.text


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"id": 7, "title": "T"}, ("7", "T|")),
        ({"id": "7", "body": "B", "title": None}, ("7", "|B")),
        ({"id": "7"}, ("7", "|")),
        ({"id": "7", "title": "T", "articles": ["A-1"], "solved_at": "x"}, ("7", "T|")),
        ({"id": "7\ud800", "title": "nul\u0000"}, ("7", "nul|")),
    ],
)
def test_what_a_line_may_leave_out_and_may_hold_besides(
    given: dict[str, Any], asked: tuple[str, str]
) -> None:
    [line] = suggest_lines([json.dumps(given).encode()], told)
    assert line.text is not None
    made = json.loads(line.text)
    assert (made["id"], made["articles"][0]["key"]) == asked


def test_bad_lines_are_named_and_the_others_answered_in_order() -> None:
    good = ['{"id": "1"}', "", *BAD, '{"id": "1"}', '{"id": "0"}']
    lines = list(suggest_lines(good, told))
    assert [line.number for line in lines] == [1, *range(3, len(good) + 1)]
    assert [json.loads(line.text)["id"] for line in lines if line.text] == ["1", "1", "0"]
    problems = [line.problem or "" for line in lines if line.text is None]
    for problem, (line, reason) in zip(problems, BAD.items(), strict=True):
        assert reason in problem, line


def test_each_line_is_answered_before_the_next_is_read() -> None:
    read: list[int] = []

    def lines() -> Iterator[str]:
        for number in range(3):
            read.append(number)
            yield json.dumps({"id": str(number)})

    answered = [(len(read), line.number) for line in suggest_lines(lines(), told)]
    assert answered == [(1, 1), (2, 2), (3, 3)]


@pytest.fixture
def base(app: Flask) -> Flask:
    """One article that a past ticket tells of, one for visitors, one draft."""
    make_article(key="A-1", title="Export is grey", parts={"body": "Allow pop-ups."})
    make_article(
        ArticleState.PUBLISHED, key="A-2", title="Invoice by mail", parts={"body": "Ask for the invoice."}
    )
    make_article(
        ArticleState.WIP, key="A-3", title="Printer jams", parts={"issue": "Paper stuck in the printer"}
    )
    db.session.commit()
    list(import_past_tickets(['{"id": "1", "body": "the download button sleeps", "articles": ["A-1"]}']))
    return app


def run(app: Flask, *words: str, typed: str | None = None) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(main, ["suggest", *words], input=typed, obj=app)


def test_the_command_answers_a_file(base: Flask, tmp_path: Path) -> None:
    asked, answered = tmp_path / "asked.jsonl", tmp_path / "answered.jsonl"
    texts = {
        "1": "my download button sleeps",
        "2": "where is my invoice",
        "3": "paper stuck",
        "4": "qqqq zzzz",
    }
    asked.write_text("".join(json.dumps({"id": each, "title": text}) + "\n" for each, text in texts.items()))
    result = run(base, "--input", str(asked), "--output", str(answered), "-k", "2")
    assert (result.exit_code, result.output) == (0, "4 tickets answered, 0 lines refused.\n")
    lines = [json.loads(line) for line in answered.read_text().splitlines()]
    assert [line["id"] for line in lines] == list(texts)
    assert [line["articles"][0]["key"] for line in lines[:3]] == ["A-1", "A-2", "A-3"]
    assert all(len(line["articles"]) <= 2 and 0 <= line["no_article"] <= 1 for line in lines)
    assert all(each["reasons"] for line in lines[:3] for each in line["articles"])
    assert lines[3]["no_article"] > lines[1]["no_article"]
    again = tmp_path / "again.jsonl"
    run(base, "--input", str(asked), "--output", str(again), "-k", "2")
    assert again.read_bytes() == answered.read_bytes(), "the same input gives the same output"


def test_visitors_are_suggested_what_visitors_may_read(base: Flask) -> None:
    lines = "".join(
        json.dumps({"id": "1", "title": text}) for text in ("export invoice printer paper button",)
    )
    for audience, keys in (("internal", {"A-1", "A-2", "A-3"}), ("public", {"A-2"})):
        result = run(base, "--input", "-", "--output", "-", "--audience", audience, typed=lines)
        assert {each["key"] for each in json.loads(result.stdout)["articles"]} == keys


def test_bad_lines_fail_the_command_and_stop_nothing(base: Flask) -> None:
    result = run(base, "--input", "-", "--output", "-", typed='{\n{"id": "2", "title": "invoice"}\n')
    assert result.exit_code == 1
    assert result.stderr.startswith("line 1: not JSON")
    assert json.loads(result.stdout)["id"] == "2"


def test_nothing_is_written_to_the_database(base: Flask) -> None:
    statements: list[str] = []

    def note(*executed: Any) -> None:
        statements.append(executed[2].split()[0].upper())

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert (
            run(base, "--input", "-", "--output", "-", typed='{"id": "2", "title": "invoice"}').exit_code == 0
        )
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert "SELECT" in statements
    assert not {"INSERT", "UPDATE", "DELETE"} & set(statements)


def test_input_and_output_may_not_be_the_same_file(base: Flask, tmp_path: Path) -> None:
    file = tmp_path / "asked.jsonl"
    file.write_text('{"id": "2", "title": "invoice"}\n')
    result = run(base, "--input", str(file), "--output", str(file))
    assert result.exit_code == 2
    assert file.read_text() == '{"id": "2", "title": "invoice"}\n'
