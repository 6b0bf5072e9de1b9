"""What the content standard asks of titles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kcs.authoring.rules.found import Found
from kcs.authoring.typed import Draft
from kcs.people.models import Agent

LONGEST_TITLE = 125  # characters
SHORTEST_TITLE = 15  # characters
FEWEST_WORDS = 3

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NUMBER = re.compile(
    r"\b(?:bug|ticket|case|issue|incident|request|kb|sr)[\s#:-]*\d{2,}\b|#\d{2,}|\b[A-Z]{2,10}-\d{2,}\b",
    re.IGNORECASE,
)


def short_title(draft: Draft, _writer: Agent) -> Iterator[Found]:
    title = draft.title.strip()
    if len(_UNSPACED.findall(title)) >= 4:
        return
    if len(title) < SHORTEST_TITLE or len(_WORD.findall(title)) < FEWEST_WORDS:
        yield Found("title", title)


def long_title(draft: Draft, _writer: Agent) -> Iterator[Found]:
    if len(draft.title) > LONGEST_TITLE:
        yield Found("title", f"{len(draft.title)} characters")


def numbered_title(draft: Draft, _writer: Agent) -> Iterator[Found]:
    found = _NUMBER.search(draft.title)
    if found:
        yield Found("title", found.group())


def shouted_title(draft: Draft, _writer: Agent) -> Iterator[Found]:
    letters = [sign for sign in draft.title if sign.isalpha()]
    shouted = [sign for sign in letters if sign.isupper()]
    if len(letters) > 8 and len(shouted) > 0.7 * len(letters):
        yield Found("title", draft.title)
