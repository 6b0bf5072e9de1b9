"""Where the words of a search stand: marked in a title, and in the passage that holds most of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from kcs.language import fold, primary, stem, terms, words
from kcs.language.scripts import HAN, KANA, UNSPACED
from kcs.markup import to_markup
from kcs.search.typed import Typed

LENGTH = 240  # characters of a passage
BEFORE = 60  # of them before the first word that was meant
BLOCKS = 60  # paragraphs looked at

_UNBROKEN = f"{HAN}{KANA}{UNSPACED}"
_WORD = re.compile(rf"([{_UNBROKEN}]+)|[^\W_{_UNBROKEN}]+")
_GAP = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Marker:
    """Finds the words of one search in texts of one language (a primary subtag)."""

    terms: frozenset[str]
    beginning: str
    language: str
    # A text says the same words many times.
    _looked_at: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, typed: Typed, also: Iterable[str], locale: str) -> Marker:
        """Return the marker for what was typed and what means the same."""
        language = primary(locale)
        meant = [*typed.words, *typed.phrases, *also]
        return cls(
            frozenset(term for text in meant for term in (*terms(text, language), *words(text))),
            fold(typed.beginning),
            language,
        )

    def marked(self, text: str) -> Markup:
        """Return `text`, escaped, with every word that was meant in a <mark>."""
        pieces: list[Markup | str] = []
        end = 0
        for start, stop in self._places(text):
            pieces += [text[end:start], Markup("<mark>{}</mark>").format(text[start:stop])]
            end = stop
        return Markup("").join(escape(piece) for piece in [*pieces, text[end:]])

    def passage(self, parts: Iterable[str]) -> Markup:
        """Return the passage of these Markdown texts that holds most of what was meant, marked."""
        blocks = [block for part in parts for block in _GAP.split(part) if block.strip()][:BLOCKS]
        if not blocks:
            return Markup("")
        # The first of the best: earlier paragraphs say what an article is about.
        best = max(blocks, key=self._worth)
        return self.marked(self._cut(to_markup(best).striptags()))

    def _worth(self, block: str) -> int:
        return len({block[start:stop].casefold() for start, stop in self._places(block)})

    def _cut(self, text: str) -> str:
        if len(text) <= LENGTH:
            return text
        first = next((start for start, _ in self._places(text)), 0)
        start = max(0, min(first - BEFORE, len(text) - LENGTH))
        begun = text.rfind(" ", 0, start) + 1 if start else 0
        kept = text[begun : begun + LENGTH]
        last = kept.rfind(" ")
        cut = begun + LENGTH < len(text)
        kept = kept[:last] if cut and last > LENGTH // 2 else kept
        return f"{'… ' if begun else ''}{kept}{' …' if cut else ''}"

    def _places(self, text: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for match in _WORD.finditer(text):
            if match.lastindex:
                found += self._within(match)
            elif self._is_meant(match.group()):
                found.append(match.span())
        return found

    def _is_meant(self, word: str) -> bool:
        if word not in self._looked_at:
            plain = fold(word)
            begun = bool(self.beginning) and plain.startswith(self.beginning)
            self._looked_at[word] = begun or not self.terms.isdisjoint((plain, stem(word, self.language)))
        return self._looked_at[word]

    def _within(self, run: re.Match[str]) -> list[tuple[int, int]]:
        """Where terms stand in writing without spaces."""
        sought = [term for term in (*self.terms, self.beginning) if term and re.match(f"[{_UNBROKEN}]", term)]
        if not sought:
            return []
        pattern = "|".join(re.escape(term) for term in sorted(sought, key=len, reverse=True))
        return [
            (run.start() + match.start(), run.start() + match.end())
            for match in re.finditer(f"(?:{pattern})+", run.group())
        ]
