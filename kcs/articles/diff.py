"""What changed between two texts: by words, not by lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]

# A word, one sign of a script that writes without spaces, a run of white space, or one other sign.
_UNSPACED = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|\s+|[^\w\s]")
# With more words on either side a changed stretch counts as replaced in whole: comparing costs their product.
MOST_WORDS = 3000


@dataclass(frozen=True)
class Change:
    """A stretch of text that stayed, came or went."""

    kind: Kind
    text: str


def word_diff(old: str, new: str) -> list[Change]:
    """Return the stretches that lead from `old` to `new`.

    Those that are not "added" spell `old`, those that are not "removed" spell `new`.
    """
    if old == new:
        return [Change("same", old)] if old else []
    return _joined(_readable(list(_joined_steps(_by_lines(old, new)))))


def _by_lines(old: str, new: str) -> Iterator[Change]:
    """Lines first, so that long texts are quick; words within the lines that differ."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, came = "".join(before[a:b]), "".join(after[c:d])
        if tag == "equal":
            yield Change("same", gone)
        else:
            yield from _by_words(gone, came)


def _by_words(old: str, new: str) -> Iterator[Change]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        yield from (Change("removed", old), Change("added", new))
        return
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Change("same", "".join(before[a:b]))
        else:
            yield Change("removed", "".join(before[a:b]))
            yield Change("added", "".join(after[c:d]))


def _joined_steps(changes: Iterator[Change]) -> Iterator[Change]:
    return (change for change in changes if change.text)


def _readable(changes: list[Change]) -> list[Change]:
    """Let a lone space between two changed words belong to them: "old words" is one change, not two."""
    kept: list[Change] = []
    for index, change in enumerate(changes):
        inside = 0 < index < len(changes) - 1
        if inside and change.kind == "same" and not change.text.strip() and "\n" not in change.text:
            around = {changes[index - 1].kind, changes[index + 1].kind}
            if "same" not in around:
                kept += [Change("removed", change.text), Change("added", change.text)]
                continue
        kept.append(change)
    return kept


def _joined(changes: list[Change]) -> list[Change]:
    """Put what went before what came in each changed stretch, and join neighbours of a kind."""
    result: list[Change] = []
    removed = added = ""
    for change in [*changes, Change("same", "")]:
        if change.kind == "removed":
            removed += change.text
        elif change.kind == "added":
            added += change.text
        else:
            result += [each for each in (Change("removed", removed), Change("added", added)) if each.text]
            removed = added = ""
            if change.text and result and result[-1].kind == "same":
                result[-1] = Change("same", result[-1].text + change.text)
            elif change.text:
                result.append(change)
    return result
