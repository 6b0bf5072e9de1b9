"""Which language a text is in: what is known first, the script next, its small words, and a model last.

The model (py3langid) takes time and memory, so it is loaded only for a text whose small words do not decide.
"""

from __future__ import annotations

import importlib
import math
import re
from collections import Counter
from functools import cache
from heapq import nlargest
from threading import Lock
from typing import Protocol, cast

from kcs.language.scripts import LANGUAGE_OF_SCRIPT
from kcs.language.segments import words
from kcs.language.stop_words import STOP_WORDS

UNKNOWN = "en"
LONG = 20
LOOKED_AT = 2_000
CONFIDENT = 0.9
# What the model may answer. It knows 140 languages; rare ones only take votes from those tickets are in.
# Malay is left out: it is read as Indonesian, which it can hardly be told from and shares a stemmer with.
_CANDIDATES = """
    ar bg bn ca cs da de el en es et fa fi fr gu he hi hr hu hy id it ja ka kk km kn ko lo lt lv mk ml mn mr
    my ne nl no pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh
"""
CANDIDATES = frozenset(_CANDIDATES.split())

_OUTDATED = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "jw": "jv", "fil": "tl", "cmn": "zh"}
_SCRIPTS = {language: re.compile(f"[{ranges}]") for language, ranges in LANGUAGE_OF_SCRIPT.items()}
# Writings of several languages: the model has a say where the text is long enough.
_SHARED = frozenset({"ru", "ar", "hi"})
_BEYOND_LATIN = re.compile(r"[\u0370-\u1dff\u2e80-\ufaff\ufb1d-\U0003ffff]")
_LETTER = re.compile(r"[^\W\d_]")
_KANA_SHARE = 0.05

# Small words that tell articles apart as well, so that they are no stop words, but tell languages apart too.
_TELLING = {
    "en": "how why not what when where who which no any cant dont doesnt isnt wont after",
    "es": "como cuando donde quien cual cuales porque no sin cuanto",
    "fr": "comment quand pourquoi quel quelle pas ne sans depuis",
    "de": "wie warum wann wo wer welche welcher nicht kein keine ohne seit",
    "pt": "como quando onde quem qual porque nao sem",
    "it": "come quando dove chi quale perche non senza",
    "nl": "hoe waarom wanneer waar wie welke niet geen zonder sinds",
    "id": "bagaimana mengapa kenapa kapan dimana siapa apa apakah mana tidak bukan berapa tanpa",
    "he": "איך למה מתי איפה מי מה איזה לא",
}
_EVIDENCE = {language: {*small, *_TELLING[language].split()} for language, small in STOP_WORDS.items()}
_LANGUAGES = {
    word: tuple(language for language, small in _EVIDENCE.items() if word in small)
    for word in set().union(*_EVIDENCE.values())
}
# A word counts one, shared among the languages that have it: in whole numbers, so that sums are exact.
_WHOLE = math.lcm(*map(len, _LANGUAGES.values()))
_SMALL_WORDS = {word: (languages, _WHOLE // len(languages)) for word, languages in _LANGUAGES.items()}
_LEAST_SCORE = 2.0
_SMALL_SHARE = 0.15
_AHEAD = 2.0


_LOADING = Lock()


class _Classifier(Protocol):
    def classify(self, instance: str) -> tuple[str, float]: ...


def primary(tag: str) -> str:
    """Return the primary subtag of a locale, old codes renewed: "es-419" gives "es", "iw" gives "he"."""
    code = re.split(r"[-_@.]", tag.strip(), maxsplit=1)[0].lower()
    return _OUTDATED.get(code, code)


def language_of(text: str, known: str | None = None) -> str:
    """Return the primary language subtag of a text; the first 2,000 characters are looked at.

    What is `known` (the locale of a ticket or an article) holds for texts under 20 words, and for longer ones
    unless the text itself says clearly otherwise. With nothing known and nothing clear: "en".
    """
    seen = text[:LOOKED_AT]
    believed = primary(known) if known and known.strip() else None
    if believed and _word_count(seen) < LONG:
        return believed
    return _read(seen) or believed or UNKNOWN


def _read(text: str) -> str | None:
    """The language a text says it is in by itself; None where it does not say clearly."""
    script = _by_script(text)
    if script is None:
        return None
    if script in _SHARED:
        return _by_model(text) or script
    if script != "latin":
        return script
    return _by_small_words(text) or _by_model(text)


def _by_script(text: str) -> str | None:
    """The language most letters' script stands for, "latin" for every other script, None without letters."""
    if text.isascii() or not _BEYOND_LATIN.search(text):
        return "latin" if _LETTER.search(text) else None
    letters = len(_LETTER.findall(text)) or 1
    shares = {language: len(script.findall(text)) / letters for language, script in _SCRIPTS.items()}
    if shares["ja"] >= _KANA_SHARE and shares["ja"] + shares["zh"] > 0.3:
        return "ja"
    # An ideograph says as much as several letters.
    shares["zh"] *= 2
    best = max(shares, key=lambda language: shares[language])
    return best if shares[best] > 0.4 else "latin"


def _by_small_words(text: str) -> str | None:
    found = words(text)
    held = Counter(filter(_SMALL_WORDS.__contains__, found))
    scores = dict.fromkeys(STOP_WORDS, 0)
    for word, times in held.items():
        languages, share = _SMALL_WORDS[word]
        for language in languages:
            scores[language] += times * share
    best, second = nlargest(2, scores, key=scores.__getitem__)
    clear = (
        scores[best] >= _LEAST_SCORE * _WHOLE
        and held.total() >= _SMALL_SHARE * len(found)
        and scores[best] >= _AHEAD * scores[second]
    )
    return best if clear else None


def _by_model(text: str) -> str | None:
    with _LOADING:
        model = _model()
    language, probability = model.classify(text)
    return primary(language) if probability >= CONFIDENT else None


@cache
def _model() -> _Classifier:
    langid = importlib.import_module("py3langid.langid")
    whole = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    kept = [place for place, name in enumerate(whole.nb_classes) if name in CANDIDATES]
    # Made anew from the columns in use: restricting the whole one would keep both in memory.
    small = langid.LanguageIdentifier(
        whole.nb_ptc[:, kept],
        whole.nb_pc[kept],
        [whole.nb_classes[place] for place in kept],
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )
    return cast("_Classifier", small)


def _word_count(text: str) -> int:
    """Words as written; writings without spaces count a word for every two characters."""
    unspaced = (
        sum(len(_SCRIPTS[each].findall(text)) for each in ("zh", "ja", "th")) if not text.isascii() else 0
    )
    return len(text.split()) + unspaced // 2
