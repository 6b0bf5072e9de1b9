"""The corpora beside this file: drafts with marked personal values, and technical texts without any."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus"
_MARKED = re.compile(r"⟦(?P<kind>[^|⟧]+)\|(?P<value>[^⟧]+)⟧")


@dataclass(frozen=True)
class Planted:
    """A personal value in a draft; `own` when it is the requester's, as the desk knows it."""

    start: int
    end: int
    kind: str
    value: str
    own: bool


@dataclass(frozen=True)
class Draft:
    """A text drafted from a ticket, who asked, and what is planted where."""

    language: str
    requester: dict[str, str]
    text: str
    planted: tuple[Planted, ...]


def drafts() -> list[Draft]:
    """Return the drafts without their marks: ⟦kind|value⟧, `own kind` for a value of the requester."""
    return [_draft(line) for line in _lines("drafts.jsonl")]


def clean_articles() -> list[dict[str, str]]:
    """Return titles and bodies that hold nothing personal."""
    return _lines("clean.jsonl")


def _lines(name: str) -> list[Any]:
    return [json.loads(line) for line in (CORPUS / name).read_text().splitlines()]


def _draft(line: dict[str, Any]) -> Draft:
    text, planted = "", []
    rest = line["text"]
    while match := _MARKED.search(rest):
        text += rest[: match.start()]
        kind, value = match["kind"], match["value"]
        own = kind.startswith("own ")
        planted.append(Planted(len(text), len(text) + len(value), kind.removeprefix("own "), value, own))
        text += value
        rest = rest[match.end() :]
    return Draft(line["language"], line["requester"], text + rest, tuple(planted))
