"""From a text to its words, also where a language writes none apart."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from threading import Lock
from typing import cast

from kcs.language.folding import fold, lower
from kcs.language.scripts import CYRILLIC, HAN, HEBREW, KANA, MARKS, UNSPACED

# Whatever is no letter and no digit parts words: splitting at spaces is what Python does quickest.
_ASCII_BREAKS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)).ljust(256)
_WORD = re.compile(rf"(?:[^\W_]|[{MARKS}])+")

_APOSTROPHES = "'’ʼ‘`´′"
# A clitic says nothing of its own ("customer's", "you'll"); n't does, and people leave its apostrophe out.
_ASCII_CLITIC = re.compile(r"(?<=[a-z0-9])'(?:s|ll|ve|re|d|m)(?![a-z0-9])|(?<=n)'(?=t(?![a-z0-9]))")
_CLITIC = re.compile(
    rf"(?<=[^\W_])[{_APOSTROPHES}](?:s|ll|ve|re|d|m)(?![^\W_])|(?<=n)[{_APOSTROPHES}](?=t(?![^\W_]))"
    # Within a Ukrainian or Hebrew word the sign is part of the letter, or makes an acronym.
    rf"|(?<=[{CYRILLIC}])[{_APOSTROPHES}](?=[{CYRILLIC}])"
    rf"|(?<=[{HEBREW}])[{_APOSTROPHES}\"״׳”“](?=[{HEBREW}])"
)
_SIGNS = re.compile(rf"[{_APOSTROPHES}\"״׳”“]")

_KANA = re.compile(f"[{KANA}]")
_UNBROKEN = re.compile(f"[{HAN}{KANA}{UNSPACED}]")
_RUNS = re.compile(f"([{HAN}{KANA}]+)|([{UNSPACED}]+)|([^{HAN}{KANA}{UNSPACED}]+)")
_CLUSTER = re.compile(rf"[^{MARKS}][{MARKS}]*|[{MARKS}]+")


def words(text: str, *, japanese: bool | None = None, as_written: bool = False) -> list[str]:
    """Return the folded words of `text` in their order, single letters among them.

    Contractions are one word ("can't" gives "cant"), other clitics go ("customer's" gives "customer").
    Chinese is cut by rjieba; Japanese into pairs of characters; Thai, Lao, Khmer and Myanmar into pairs of
    letters with their signs. `japanese` says which of the first two runs of ideographs are; None: what has
    kana anywhere is Japanese. `as_written` keeps diacritics, for a stemmer that needs them.
    """
    folded = lower(text) if as_written else fold(text)
    if folded.isascii():
        plain = _ASCII_CLITIC.sub("", folded) if "'" in folded else folded
        return plain.encode("ascii").translate(_ASCII_BREAKS).decode("ascii").split()
    if _SIGNS.search(folded):
        folded = _CLITIC.sub("", folded)
    if not _UNBROKEN.search(folded):
        return _WORD.findall(folded)
    pairs = bool(_KANA.search(folded)) if japanese is None else japanese
    return list(_cut(folded, _pairs if pairs else _chinese))


def _cut(folded: str, ideographs: Callable[[str], list[str]]) -> Iterator[str]:
    for run in _RUNS.finditer(folded):
        han, unspaced, other = run.groups()
        if han:
            yield from ideographs(han)
        elif unspaced:
            for word in _WORD.findall(unspaced):
                yield from _joined(_CLUSTER.findall(word))
        else:
            yield from _WORD.findall(other)


def _chinese(run: str) -> list[str]:
    with _LOADING:
        cut = _dictionary()
    return [word for word in cut(run) if _WORD.fullmatch(word)]


_LOADING = Lock()


@cache
def _dictionary() -> Callable[[str], list[str]]:
    """The dictionary takes half a second and 33 MB: only where there is Chinese to cut."""
    return cast("Callable[[str], list[str]]", importlib.import_module("rjieba").cut_for_search)


def _pairs(run: str) -> list[str]:
    return [pair for word in _WORD.findall(run) for pair in _joined(word)]


def _joined(parts: list[str] | str) -> list[str]:
    """Neighbours in pairs; a part without neighbours stands alone."""
    if len(parts) < 2:
        return list(parts)
    return [first + second for first, second in pairwise(parts)]
