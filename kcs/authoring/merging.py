"""Two people wrote at once: where their texts differ, and what keeps both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from kcs.articles.diff import MOST_WORDS, Change, word_diff

TITLE = "title"

_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


class Choice(StrEnum):
    """Whose text a field gets."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True)
class Difference:
    """One field two people left different, with each way to settle it.

    `changed_by` says who changed it since they both began: one of them, or both. `preset` is what it is
    settled with until somebody chooses: whoever alone changed it wins; two changes in different places are
    put together; where they touch the same place, my text stands and a choice is asked for.
    """

    name: str
    label: str
    mine: str
    theirs: str
    both: str
    changed_by: Choice
    preset: Choice
    asks: bool

    @property
    def texts(self) -> dict[Choice, str]:
        """What each choice gives."""
        return {Choice.MINE: self.mine, Choice.THEIRS: self.theirs, Choice.BOTH: self.both}

    @property
    def result(self) -> str:
        """What the field holds until somebody chooses."""
        return self.texts[self.preset]

    def marks(self, side: str) -> list[Change]:
        """Return one side's text in stretches; those of a kind other than "same" the other side has not."""
        skipped = "removed" if side == Choice.MINE else "added"
        return [change for change in word_diff(self.theirs, self.mine) if change.kind != skipped]


def differences(
    base: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str], labels: Mapping[str, str]
) -> list[Difference]:
    """Return the fields whose text differs, in the order of `labels`; the title is one of them."""
    return [
        _difference(name, label, base.get(name, ""), mine.get(name, ""), theirs.get(name, ""))
        for name, label in labels.items()
        if mine.get(name, "") != theirs.get(name, "")
    ]


def merged(base: str, mine: str, theirs: str) -> str | None:
    """Return `base` with both sides' changed lines, None where they changed the same lines or neighbours."""
    return _put_together(*(text.splitlines(keepends=True) for text in (base, mine, theirs)), beside=False)


def _difference(name: str, label: str, base: str, mine: str, theirs: str) -> Difference:
    together = merged(base, mine, theirs)
    both = _both(base, mine, theirs, together, name)
    if mine == base:
        return Difference(name, label, mine, theirs, both, Choice.THEIRS, Choice.THEIRS, asks=False)
    if theirs == base:
        return Difference(name, label, mine, theirs, both, Choice.MINE, Choice.MINE, asks=False)
    preset = Choice.MINE if together is None else Choice.BOTH
    return Difference(name, label, mine, theirs, both, Choice.BOTH, preset, asks=together is None)


def _both(base: str, mine: str, theirs: str, together: str | None, name: str) -> str:
    """Keep every word of both sides: woven together where that is safe, else one after the other."""
    if together is not None:
        return together
    pieces = [_PIECE.findall(text) for text in (base, mine, theirs)]
    if max(len(each) for each in pieces) <= MOST_WORDS:
        woven = _put_together(*pieces, beside=True)
        if woven is not None:
            return woven
    return f"{theirs} / {mine}" if name == TITLE else f"{theirs}\n\n{mine}"


def _put_together(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], *, beside: bool
) -> str | None:
    """Apply both sides' edits to `base`; None where they overlap.

    `beside`: two things added at one place stand one after the other, theirs first; else they overlap too.
    """
    edits = dict.fromkeys([*_edits(base, theirs), *_edits(base, mine)])  # the same edit by both counts once
    result: list[str] = []
    done = -1
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        if start < done or (start == done and not beside):
            return None
        result += [*base[max(done, 0) : start], text]
        done = end
    return "".join([*result, *base[max(done, 0) :]])


def _edits(base: Sequence[str], text: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return what leads from `base` to `text`: the start and end of each stretch, and what it becomes."""
    steps = SequenceMatcher(None, base, text, autojunk=False).get_opcodes()
    return [(a, b, "".join(text[c:d])) for tag, a, b, c, d in steps if tag != "equal"]
