"""Light stemmers for languages Snowball has none for: what is joined to a word comes off."""

from __future__ import annotations

_HEBREW_LEAST = 3
# And, that, when, in, as, to, from, the: each alone and in the order they may stand in, longest first.
_HEBREW_PREFIXES = """
    וכשה וכשמ וכשב ושבה ושמה ומשה ולכש ומהה
    וכש ושה ושב ושל ושמ וכה ובה ולה ומה ומש כשה כשמ כשב כשל משה שבה שמה שלה לכש
    וה וב וכ ול ומ וש שה שב שכ של שמ כש מש מה בה כה לה
    ו ה ב כ ל מ ש
"""

_KOREAN_LEAST = 2
# Longest first.
_KOREAN_PARTICLES = """
    으로부터 에서부터 에게서 에서는 에서도 으로는 으로도 이라고 이라는 까지는 부터는
    에서 에게 에는 에도 한테 께서 까지 부터 으로 로는 로도 라고 라는 이나 보다 처럼 마다 조차 밖에 하고
    을 를 이 가 은 는 에 의 도 로 와 과 만 나
"""
_HEBREW = _HEBREW_PREFIXES.split()
_KOREAN = _KOREAN_PARTICLES.split()


def hebrew(word: str) -> str:
    """Take the longest joined prefix off that leaves at least three letters."""
    for prefix in _HEBREW:
        if word.startswith(prefix) and len(word) - len(prefix) >= _HEBREW_LEAST:
            return word[len(prefix) :]
    return word


def korean(word: str) -> str:
    """Take the longest particle off that leaves at least two syllables."""
    for particle in _KOREAN:
        if word.endswith(particle) and len(word) - len(particle) >= _KOREAN_LEAST:
            return word[: -len(particle)]
    return word
