"""The sets of real texts: articles, earlier tickets, what people asked, and which article answers it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).parents[2]
SETTING = "KCS_TEST_DATA"


@dataclass(frozen=True)
class Text:
    """An article, a past ticket or a question: `id`, `title` and `body`."""

    id: str
    title: str
    body: str


@dataclass(frozen=True)
class PastTicket:
    """What somebody wrote earlier, and the article that solved it."""

    id: str
    body: str
    article: str


@dataclass(frozen=True)
class Set:
    """One set. `together`: the articles with their tickets in the body, for engines that know no tickets."""

    name: str
    articles: list[Text]
    tickets: list[PastTicket]
    together: list[Text]
    queries: list[Text]
    judged: dict[str, dict[str, int]] = field(default_factory=dict)
    unanswerable: list[str] = field(default_factory=list)


def place() -> Path | None:
    """Return where the sets lie, None when they are not here."""
    found = Path(os.environ.get(SETTING) or PROJECT.parent / "shared" / "data")
    return found if found.is_dir() else None


def load(folder: Path, *, tickets: str = "0") -> Set:
    """Read a set with 0, 1, 5, 10 or all past tickets an article; one an article is the first of five."""
    articles = list(_texts(folder / "corpus.jsonl"))
    together, past = articles, list[PastTicket]()
    if tickets != "0":
        file = folder / f"corpus_tickets_{'5' if tickets == '1' else tickets}.jsonl"
        most = 1 if tickets == "1" else None
        together = [Text(each.id, each.title, _first_lines(each.body, most)) for each in _texts(file)]
        past = list(_tickets(together))
    unanswerable = folder / "dev" / "noanswer.txt"
    return Set(
        folder.name if tickets == "0" else f"{folder.name} + {tickets}",
        articles,
        past,
        together,
        list(_texts(folder / "dev" / "queries.jsonl")),
        _judged(folder / "dev" / "qrels.tsv"),
        unanswerable.read_text(encoding="utf-8").split() if unanswerable.exists() else [],
    )


def _first_lines(body: str, most: int | None) -> str:
    return "\n".join(body.split("\n")[:most])


def _tickets(articles: list[Text]) -> Iterator[PastTicket]:
    for article in articles:
        for number, line in enumerate(article.body.split("\n")):
            if line.strip():
                yield PastTicket(f"{article.id}-{number}", line, article.id)


def _texts(file: Path) -> Iterator[Text]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            given = json.loads(line)
            yield Text(given["id"], given.get("title", ""), given.get("body", ""))


def _judged(file: Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        query, key, grade = line.split("\t")
        judged.setdefault(query, {})[key] = int(grade)
    return judged
