"""Wherever batches are prepared, the same index comes of them."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing

import pytest

from kcs.search.engine import building
from kcs.search.engine.building import Builder
from kcs.search.engine.store import View
from kcs.search.entries import Document
from kcs.search.preparers import prepared

TABLES = ("terms", "words", "postings", "texts", "columns", "vocabulary", "grams", "totals")
WORDS = ("printer", "jams", "scanner", "paper", "Ärger", "can't", "0x80070005", "打印机", "tray")
# Enough batches for processes beside to be worth starting.
BATCHES = 6


def document(number: int) -> Document:
    """Return an article that shares words with others, and has some of its own."""
    said = [WORDS[number * step % len(WORDS)] for step in range(1, 5)]
    return Document(
        number,
        "public" if number % 4 == 0 else "inside",
        f"KB-{number}",
        "de" if number % 3 == 0 else "en",
        title=f"{said[0]} {said[1]}",
        issue=" ".join(said),
        body=f"{' '.join(said * 30)}\nword{number}",
        facets=(("state", "validated"),),
        tickets=((number * 10, said[2], f"My {said[3]} again"), (number * 10 + 1, said[0], "")),
    )


ALL = [[document(batch * 5 + each + 1) for each in range(5)] for batch in range(BATCHES)]


def built(processes: int, batches: list[list[Document]]) -> dict[str, list[tuple[object, ...]]]:
    """Return every table of the index built from these batches."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        rows: dict[str, list[tuple[object, ...]]] = {}
        views = {name: View(connection, name) for name in ("inside", "public")}
        for view in views.values():
            view.create()
        with closing(Builder(views["inside"])) as inside, closing(Builder(views["public"])) as public:
            builders = {"inside": inside, "public": public}
            sizes = []
            for batch, size in prepared(batches, processes):
                sizes.append(size)
                for name, each in batch.items():
                    builders[name].put(each)
            assert sizes == [len(batch) for batch in batches]
            for builder in builders.values():
                builder.finish()
        for name, view in views.items():
            for table in TABLES:
                whole = "SELECT * FROM {v}_TABLE ORDER BY 1".replace("TABLE", table)
                rows[f"{name} {table}"] = list(view.execute(whole))
        return rows


@pytest.fixture(scope="module")
def expected() -> dict[str, list[tuple[object, ...]]]:
    """What comes of it prepared here, in one go."""
    return built(1, ALL)


def test_processes_beside_give_what_is_prepared_here(expected: dict[str, object]) -> None:
    assert built(2, ALL) == expected


def test_a_process_that_is_lost_takes_nothing_with_it(
    expected: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    assert built(2, ALL) == expected


@pytest.mark.parametrize("size", [1, 7])
def test_how_many_go_together_changes_nothing(expected: dict[str, object], size: int) -> None:
    every = [each for batch in ALL for each in batch]
    assert built(1, [every[start : start + size] for start in range(0, len(every), size)]) == expected


def test_what_does_not_fit_into_memory_waits_outside(
    expected: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "HELD", 200)
    assert built(1, ALL) == expected
