"""A text as it reads beneath its encodings and its markup, each character with its place in the original."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

ENCODED_TWICE_OR_MORE = 3  # how often an encoding within an encoding is undone
# Letters Unicode does not divide into letter and mark; keyboards without them do.
_UNDIVIDED = {"ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ħ": "h"}
MARKERS = ("**", "__", "~~", "`", "*", "_")

_ENCODED = re.compile(
    r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});"  # HTML
    r"|(?:%[0-9a-f]{2}){1,60}"  # URL
    r"|[^\x00-\x7f]",  # wide, invisible and accented signs
    re.IGNORECASE,
)
_LINK_END = re.compile(r"\]\([^()\s]{0,500}(?:\s\"[^\"\n]{0,200}\")?\)")
_MARKUP = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])"  # escapes
    rf"|!?\[(?=[^\[\]\n]{{0,300}}\]\()|{_LINK_END.pattern}"  # links
    r"|[*`~]{1,8}|(?<![^\W_])_{1,3}|_{1,3}(?![^\W_])"  # emphasis and code
    r"|</?[a-z][a-z0-9]{0,20}(?:\s[^<>]{0,300})?/?>|<!--.{0,300}?-->",  # tags
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class View:
    """A text made from an original; `starts[i]` to `ends[i]` is where its character `i` comes from."""

    text: str
    starts: range | list[int]
    ends: range | list[int]

    @classmethod
    def of(cls, original: str) -> View:
        """Return a text as it stands."""
        return cls(original, range(len(original)), range(1, len(original) + 1))

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the original the characters `start` to `end` of the view come from."""
        return self.starts[start], self.ends[end - 1]


def readings(original: str) -> list[View]:
    """Return the text with its encodings undone, and that without its markup where this differs."""
    plain = decoded(View.of(original))
    bare = _rewritten(plain, _MARKUP, lambda _: "")
    return [plain] if bare is plain else [plain, bare]


def decoded(view: View) -> View:
    """Undo HTML and URL encoding, drop invisible signs and accents that stand alone, narrow wide signs."""
    for _ in range(ENCODED_TWICE_OR_MORE):
        before, view = view, _rewritten(view, _ENCODED, _decode)
        if view is before:
            break
    return view


def bare(value: str) -> str:
    """Return a value without encodings and markup."""
    return readings(value)[-1].text


def canonical(value: str) -> str:
    """Return a value as it is compared: its words in lower case, without accents, markup and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", folded(bare(value)).casefold()))


def folded(text: str) -> str:
    """Return the text with é as e, character for character, so that places stay the same."""
    return text if text.isascii() else "".join(map(_base, text))


def around_markers(original: str, start: int, end: int) -> tuple[int, int]:
    """Widen a place that holds one of a pair of emphasis marks, or half a link, by the rest next to it."""
    covered = original[start:end]
    if "](" in covered and original[start - 1 : start] == "[":
        start -= 1
    elif covered.count("[") > covered.count("]") and (rest := _LINK_END.match(original, end)):
        end = rest.end()
    for marker in MARKERS:
        if original[start:end].count(marker) % 2:
            if original[:start].endswith(marker):
                start -= len(marker)
            elif original.startswith(marker, end):
                end += len(marker)
    return start, end


def _rewritten(view: View, pattern: re.Pattern[str], rewrite: Callable[[str], str]) -> View:
    """Return the view with each match rewritten, the same view when that changes nothing."""
    changes = [
        (match.start(), match.end(), new)
        for match in pattern.finditer(view.text)
        if (new := rewrite(match[0])) != match[0]
    ]
    if not changes:
        return view
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    bounds = [(0, 0, ""), *changes, (len(view.text), len(view.text), "")]
    for (_, left, _), (start, end, new) in pairwise(bounds):
        pieces += [view.text[left:start], new]
        starts += (
            [*view.starts[left:start], *[view.starts[start]] * len(new)] if new else view.starts[left:start]
        )
        ends += [*view.ends[left:start], *[view.ends[end - 1]] * len(new)] if new else view.ends[left:start]
    return View("".join(pieces), starts, ends)


def _decode(sign: str) -> str:
    if sign.startswith("&"):
        return html.unescape(sign)
    if sign.startswith("%"):
        return unquote(sign, errors="replace")
    return _narrow(sign)


def _narrow(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in ("Cf", "Mn", "Me"):
        return ""
    if category == "Pd":
        return "-"
    digit = unicodedata.decimal(sign, None)
    return unicodedata.normalize("NFKC", sign) if digit is None else str(digit)


def _base(char: str) -> str:
    if char in _UNDIVIDED:
        return _UNDIVIDED[char]
    split = unicodedata.normalize("NFD", char)
    return split[0] if all(unicodedata.combining(mark) for mark in split[1:]) else char
