"""Two people's changes to one text put together, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

# A line that says something, with the line ends before it.
_LINE = re.compile(r"(\n*)([^\n]+)")
_APART = "\n\n"


@dataclass(frozen=True)
class Line:
    """A line, and the line ends that part it from the one before; two lines of the same words are equal."""

    words: str
    gap: str


@dataclass(frozen=True)
class Clash:
    """A passage that both changed, each otherwise; empty on the side that took it out."""

    ours: str
    theirs: str


@dataclass(frozen=True)
class Woven:
    """A text with both changes in it. Where they overlap, our passage stands before theirs."""

    text: str
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class _Edit:
    """The lines from `start` to before `end` become others."""

    start: int
    end: int
    lines: tuple[Line, ...]

    def meets(self, other: _Edit) -> bool:
        """Return whether both touch a line, or add something at the same place."""
        overlap = self.start < other.end and other.start < self.end
        return overlap or (self.start, self.end) == (other.start, other.end)


def weave(base: str, ours: str, theirs: str) -> Woven:
    """Return `base` with both changes: lines that one side alone changed are as that side has them."""
    lines = _lines(base)
    by_us, by_them = _edits(lines, _lines(ours)), _edits(lines, _lines(theirs))
    woven: list[Line] = []
    clashes: list[Clash] = []
    done = 0
    for start, end, us, them in _regions(by_us, by_them):
        woven += lines[done:start]
        ours_here, theirs_here = _applied(lines, start, end, us), _applied(lines, start, end, them)
        if not us or not them or _said(ours_here) == _said(theirs_here):
            woven += ours_here if us else theirs_here
        else:
            woven += [*ours_here, *theirs_here]
            clashes.append(Clash(_joined(ours_here), _joined(theirs_here)))
        done = end
    return Woven(_joined([*woven, *lines[done:]]), tuple(clashes))


def only_in(text: str, base: str, other: str) -> list[str]:
    """Return the lines somebody wrote into `base` to make `text` of it that `other` has not."""
    known = {line.words for line in (*_lines(base), *_lines(other))}
    return [line.words for line in _lines(text) if line.words not in known]


def _lines(text: str) -> list[Line]:
    return [Line(words, gap) for gap, words in _LINE.findall(text)]


def _said(lines: Sequence[Line]) -> list[str]:
    return [line.words for line in lines]


def _edits(base: Sequence[Line], text: Sequence[Line]) -> list[_Edit]:
    steps = SequenceMatcher(None, _said(base), _said(text), autojunk=False).get_opcodes()
    return [_Edit(a, b, tuple(text[c:d])) for tag, a, b, c, d in steps if tag != "equal"]


def _regions(
    by_us: Sequence[_Edit], by_them: Sequence[_Edit]
) -> Iterator[tuple[int, int, list[_Edit], list[_Edit]]]:
    """Yield the stretches of the base that were changed, in order, with the edits of each side."""
    waiting = sorted([*by_us, *by_them], key=lambda edit: (edit.start, edit.end))
    ours = {id(edit) for edit in by_us}
    while waiting:
        region = [waiting.pop(0)]
        start, end = region[0].start, region[0].end
        while waiting and waiting[0].meets(_Edit(start, end, ())):
            region.append(waiting.pop(0))
            end = max(end, region[-1].end)
        yield (
            start,
            end,
            [edit for edit in region if id(edit) in ours],
            [edit for edit in region if id(edit) not in ours],
        )


def _applied(base: Sequence[Line], start: int, end: int, edits: Sequence[_Edit]) -> list[Line]:
    result: list[Line] = []
    for edit in edits:
        result += [*base[start : edit.start], *edit.lines]
        start = edit.end
    return [*result, *base[start:end]]


def _joined(lines: Sequence[Line]) -> str:
    """Return the lines as a text; one that came first in its own text begins a paragraph elsewhere."""
    first = lines[0].words if lines else ""
    return first + "".join((line.gap or _APART) + line.words for _, line in pairwise(lines))
