"""The figures mean what they say: they are those of the data's own script; goals have a right side."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.search import corpora, data
from benchmarks.search.baselines import Bm25s, Fts5
from benchmarks.search.data import Set, Text
from benchmarks.search.figures import BM25S, FTS5, OURS, Figure, Goal, table
from benchmarks.search.quality import run_ours
from benchmarks.search.scoring import Ranked, auroc, caught, recall

JUDGED = {
    "q1": {"a": 1},
    "q2": {"a": 1, "b": 2},
    "q3": {"c": 1, "d": 0},
    "q4": {"d": 1},
    "q5": {"d": 0},
    "q6": {"e": 1},
}
RUN = {
    "q1": Ranked(["a", "b"], 0.9),
    "q2": Ranked(["c", "b", "d", "e", "f", "a"], 0.5),
    "q3": Ranked(["d", "c"], 0.5),
    "q4": Ranked(["a", "b", "c", "e", "f", "d"], 0.2),
    "q5": Ranked(["d"], 0.1),
    "n1": Ranked(["a"], 0.5),
    "n2": Ranked(["a"], 0.1),
}
UNANSWERABLE = ["n1", "n2", "n3"]


def test_recall_counts_queries_that_have_an_article() -> None:
    assert recall(JUDGED, RUN, 1) == pytest.approx((1 + 0 + 0 + 0 + 0) / 5)
    assert recall(JUDGED, RUN, 5) == pytest.approx((1 + 0.5 + 1 + 0 + 0) / 5)


def test_figures_are_those_of_the_datas_own_script(tmp_path: Path) -> None:
    place = data.place()
    if place is None:
        pytest.skip(f"no real texts here: set {data.SETTING} to their folder")
    (tmp_path / "qrels.tsv").write_text(
        "".join(f"{query}\t{key}\t{grade}\n" for query, of in JUDGED.items() for key, grade in of.items())
    )
    (tmp_path / "run.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in _lines()))
    (tmp_path / "none.txt").write_text("\n".join(UNANSWERABLE))
    files = ["--qrels", "qrels.tsv", "--run", "run.jsonl", "--noanswer", "none.txt"]
    told = json.loads(
        subprocess.run(
            [sys.executable, str(place / "evaluate.py"), *files],
            cwd=tmp_path,
            capture_output=True,
            check=True,
        ).stdout
    )
    assert {
        "R@1": round(recall(JUDGED, RUN, 1), 4),
        "R@5": round(recall(JUDGED, RUN, 5), 4),
        "noanswer_auroc": round(auroc(JUDGED, RUN, UNANSWERABLE), 4),
        "noanswer_caught_at_95pct_kept": round(caught(JUDGED, RUN, UNANSWERABLE), 4),
        "noanswer_caught_at_90pct_kept": round(caught(JUDGED, RUN, UNANSWERABLE, kept=0.9), 4),
    }.items() <= told.items()


def _lines() -> list[dict[str, object]]:
    """The run as `kcs suggest` writes it."""
    return [
        {
            "id": query,
            "no_article": 1 - ranked.surety,
            "articles": [{"key": key, "score": -place} for place, key in enumerate(ranked.keys)],
        }
        for query, ranked in RUN.items()
    ]


@pytest.mark.parametrize(
    ("value", "cost", "met"),
    [
        (0.9, False, "aim"),
        (0.8, False, "must"),
        (0.7, False, "short"),
        (5, True, "aim"),
        (20, True, "must"),
        (21, True, "short"),
    ],
)
def test_a_goal_is_met_from_its_own_side(value: float, cost: bool, met: str) -> None:
    goal = Goal(20, 5, cost=True) if cost else Goal(0.8, 0.9)
    assert goal.met(value) == met


def test_the_table_shows_ours_beside_the_others_and_the_goals() -> None:
    figures = [
        Figure("toy R@1", {OURS: 0.87, FTS5: 0.5, BM25S: 1.0}, Goal(0.83, 0.87)),
        Figure("toy build", {OURS: 1234.5}, Goal(30, 5, cost=True), "s"),
        Figure("toy more", {FTS5: 0.25}),
    ]
    assert [line.split() for line in table(figures).splitlines()] == [
        ["ours", "fts5", "bm25s", "must", "aim"],
        ["toy", "R@1", ".870", ".500", "1.000", ".830", ".870", "aim"],
        ["toy", "build", "1,234", "s", "–", "–", "30.0", "s", "5.0", "s", "short"],
        ["toy", "more", "–", ".250", "–"],
    ]
    assert [figure.as_data()["met"] for figure in figures] == ["aim", "short", None]


@pytest.mark.parametrize("engine", [Fts5, Bm25s])
def test_the_engines_beside_ours_find_by_words(engine: type[Fts5 | Bm25s]) -> None:
    search = engine(
        [Text("a", "Refund", "money back"), Text("b", "Cards", "lost cards"), Text("c", "Tax", "x")]
    )
    assert search(Text("q", "Where is my refund?", "")).keys[0] == "a"
    assert search(Text("q", "", "a lost card")).keys[0] == "b"
    assert search(Text("q", "zzz", "")).surety == -math.inf


def test_a_made_up_knowledge_base_is_the_same_each_time_and_of_the_length_asked_for() -> None:
    made = [list(corpora.articles(corpora.Writer(), 300)) for _ in range(2)]
    assert made[0] == made[1]
    lengths = sorted(len(article.body.split()) for article in made[0])
    assert 55 < lengths[150] < 85
    tickets = list(corpora.past_tickets(corpora.Writer(), 50, 10))
    assert {ticket.article for ticket in tickets} <= {f"G-{number}" for number in range(10)}


def test_past_tickets_are_read_line_by_line_and_one_is_the_first_of_five(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"id": "a", "title": "A", "body": ""}\n')
    (tmp_path / "corpus_tickets_5.jsonl").write_text('{"id": "a", "title": "A", "body": "one\\n\\ntwo"}\n')
    (tmp_path / "dev" / "queries.jsonl").write_text('{"id": "q", "title": "Q"}\n')
    (tmp_path / "dev" / "qrels.tsv").write_text("q\ta\t1\n")
    read = {tickets: data.load(tmp_path, tickets=tickets) for tickets in ("0", "1", "5")}
    assert {tickets: [each.body for each in given.tickets] for tickets, given in read.items()} == {
        "0": [],
        "1": ["one"],
        "5": ["one", "two"],
    }
    assert read["1"].together == [Text("a", "A", "one")]
    assert (read["0"].judged, read["0"].unanswerable) == ({"q": {"a": 1}}, [])


def test_ours_is_taken_over_and_asked_as_people_do() -> None:
    toy = Set(
        "toy",
        articles=[Text("a", "Refund", ""), Text("b", "Lost card", "")],
        tickets=[data.PastTicket("b-0", "the plastic vanished", "b")],
        together=[],
        queries=[Text("q1", "refund please", ""), Text("q2", "", "my plastic vanished")],
        judged={"q1": {"a": 1}, "q2": {"b": 1}},
    )
    run = run_ours(toy)
    assert recall(toy.judged, run, 1) == 1.0
    assert all(0 < ranked.surety < 1 for ranked in run.values())
