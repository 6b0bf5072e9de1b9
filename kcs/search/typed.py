"""What people type into a search box: words, "phrases", -without and filters such as tag:billing.

Nothing that can be typed is an error: what is not understood is told beside the results, and searched as far
as it can be.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from kcs.search.wanted import Wanted
from kcs.sentences import Sentence
from kcs.text import clean_line

LONGEST = 500  # characters; what is longer was pasted, and is words alone
MOST_OF_A_KIND = 20  # phrases, words to leave out, filters

FILTERS = ("tag", "product", "domain", "state", "language")
# What other tools call them, and what people look for that is no filter here.
ALIASES = {
    "tags": "tag",
    "label": "tag",
    "status": "state",
    "lang": "language",
    "locale": "language",
    "category": "domain",
    "author": "",
    "owner": "",
    "title": "",
    "site": "",
    "created": "",
    "updated": "",
}
LIKE = 0.8  # of `difflib`: a slip of the finger

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_TOKEN = re.compile(
    r"""(?P<minus>(?<![^\s"])-(?=[\w"]))?  # leave out what follows
        (?:(?P<name>[^\W\d_]{2,20}):(?![/\\]))?  # a filter, and no address or path
        (?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))?""",
    re.VERBOSE,
)
_PLAIN = re.compile(r"\w[^\s:]*")  # what needs no quotes
_HAS_WORD = re.compile(r"[^\W_]")

# Which values a filter takes, asked by its name: what may be typed, folded, and the value it means.
Values = Callable[[str], Mapping[str, str] | None]


def any_value(_name: str) -> None:
    """Let every filter take any value."""


@dataclass(frozen=True)
class Typed:
    """A typed search, taken apart; `not_understood` says in sentences what could not be."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    only: tuple[tuple[str, str], ...] = ()
    beginning: str = ""
    not_understood: tuple[str, ...] = field(default=(), compare=False)

    @property
    def wanted(self) -> Wanted:
        """The search as the index takes it: a phrase's words stand together, and rank as others do."""
        return Wanted(
            text=" ".join((*self.words, *self.phrases)),
            beginning=self.beginning,
            phrases=self.phrases,
            without=self.without,
            only=self.only,
        )

    @property
    def is_empty(self) -> bool:
        """True when nothing is asked for: what to leave out alone finds nothing."""
        return not (self.words or self.phrases or self.beginning or self.only)

    @property
    def free_text(self) -> str:
        """The words alone, as a title or a message may repeat them."""
        return " ".join((*self.words, *self.phrases, *filter(None, (self.beginning,))))


def parse(
    typed: str, *, values: Values = any_value, filters: Collection[str] = FILTERS, typing: bool = False
) -> Typed:
    """Take apart what somebody typed. Never raises.

    `values` tells what a filter takes where that is a closed list; `filters` are those this reader has.
    `typing`: the last word is not finished yet, so it is a `beginning`, and a filter begun is not blamed.
    """
    text = clean_line(typed, limit=2 * LONGEST).translate(_QUOTES)
    if len(text) > LONGEST:
        return Typed(
            words=tuple(clean_line(typed, limit=40 * LONGEST).translate(_QUOTES).replace('"', " ").split())
        )
    reading = _Reading(values, filters)
    unfinished = typing and not typed[-1:].isspace() and not text.endswith('"')
    tokens = [match for match in _TOKEN.finditer(text) if match.group()]
    for token in tokens:
        reading.take(token, unfinished=unfinished and token.end() == len(text))
    return reading.typed()


def written(typed: Typed) -> str:
    """Write a search as it could have been typed: reading it gives the same search."""
    return " ".join(
        (
            *typed.words,
            *(f'"{phrase}"' for phrase in typed.phrases),
            *(f"-{_quoted(word)}" for word in typed.without),
            *(f"{name}:{_quoted(value)}" for name, value in typed.only),
            *filter(None, (typed.beginning,)),
        )
    )


def folded(value: str) -> str:
    """Return a value as it is compared: small letters, no accents, one space between words."""
    plain = unicodedata.normalize("NFKD", value.casefold())
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(kept.replace("_", " ").replace("-", " ").split())


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else f'"{value}"'


class _Reading:
    """Collects what the tokens say."""

    def __init__(self, values: Values, filters: Collection[str]) -> None:
        self._values, self._filters = values, filters
        self._words: list[str] = []
        self._phrases: list[str] = []
        self._without: list[str] = []
        self._only: list[tuple[str, str]] = []
        self._beginning = ""
        self._said: list[str] = []

    def take(self, token: re.Match[str], *, unfinished: bool) -> None:
        minus, name = token["minus"], (token["name"] or "").lower()
        value = " ".join((token["phrase"] or token["word"] or "").split())
        if name and name in self._filters:
            self._take_filter(name, value, negative=bool(minus), unfinished=unfinished)
            return
        if name:
            self._blame_name(name, value, unfinished=unfinished)
            value = f"{token['name']}:{value}" if token["phrase"] is None else value
        if not _HAS_WORD.search(value):
            return
        if minus:
            self._without.append(value)
        elif token["phrase"] is not None:
            self._phrases.append(value)
        elif unfinished:
            self._beginning = value
        else:
            self._words.append(value)

    def _take_filter(self, name: str, value: str, *, negative: bool, unfinished: bool) -> None:
        if negative:
            self._say(
                Sentence("-%(name)s: cannot be left out: a minus works for words and phrases.", name=name)
            )
            return
        if not _HAS_WORD.search(value):
            if not unfinished:
                example = f"{name}:{self._example(name)}"
                self._say(
                    Sentence(
                        "Write a value right after %(name)s:, as in %(example)s.", name=name, example=example
                    )
                )
            return
        known = self._values(name)
        meant = value if known is None else known.get(folded(value))
        if meant is not None:
            self._only.append((name, meant))
        elif not unfinished:
            self._say(self._no_such(name, value, known or {}))

    def _blame_name(self, name: str, value: str, *, unfinished: bool) -> None:
        """Say so where a filter was meant; what only looks like one, as “Error: …”, is words."""
        near = difflib.get_close_matches(name, self._filters, n=1, cutoff=LIKE)
        meant = near[0] if near else ALIASES.get(name)
        if unfinished or (meant is None and name not in FILTERS):
            return
        instead = f"{meant}:{value}" if meant in self._filters else self._all_filters()
        self._say(
            Sentence(
                "There is no filter “%(name)s:”, so it was searched as words: use %(instead)s.",
                name=name,
                instead=instead,
            )
        )

    def _all_filters(self) -> str:
        *others, last = (f"{name}:" for name in self._filters)
        return Sentence("%(others)s or %(last)s", others=", ".join(others), last=last) if others else last

    def _no_such(self, name: str, value: str, known: Mapping[str, str]) -> Sentence:
        named = list(dict.fromkeys(known.values()))
        shown = [next(key for key, value in known.items() if value == each) for each in named[:8]]
        wrong = {"name": name, "value": value, "shown": ", ".join(shown)}
        if not shown:
            return Sentence("There is no %(name)s “%(value)s”: there are none yet.", **wrong)
        if len(named) > len(shown):
            return Sentence("There is no %(name)s “%(value)s”: use %(shown)s or another.", **wrong)
        return Sentence("There is no %(name)s “%(value)s”: use %(shown)s.", **wrong)

    def _example(self, name: str) -> str:
        known = self._values(name)
        return _quoted(next(iter(known))) if known else "billing"

    def _say(self, sentence: str) -> None:
        self._said.append(sentence)

    def typed(self) -> Typed:
        def kept(values: list[str]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(values))[:MOST_OF_A_KIND]

        if self._without and not (self._words or self._phrases or self._beginning or self._only):
            self._say(Sentence("Add a word that should be there: what to leave out alone finds nothing."))
        return Typed(
            tuple(self._words),
            kept(self._phrases),
            kept(self._without),
            tuple(dict.fromkeys(self._only))[:MOST_OF_A_KIND],
            self._beginning,
            tuple(dict.fromkeys(self._said))[:MOST_OF_A_KIND],
        )
