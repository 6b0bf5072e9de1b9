"""Words: one spelling for all ways to write one, in every writing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcs.language import fold, words

FOLDED = {
    "case": ("Reset PASSWORD", ["reset", "password"]),
    "sharp s": ("Straße STRASSE", ["strasse", "strasse"]),
    "Latin diacritics": ("contraseña Éxito Ångström", ["contrasena", "exito", "angstrom"]),
    "decomposed diacritics": ("contrasen\u0303a", ["contrasena"]),
    "strokes": ("Łódź Øre Æther", ["lodz", "ore", "aether"]),
    "Turkish i": ("İstanbul ISPARTA ılık", ["istanbul", "isparta", "ilik"]),
    "Greek tonos": ("Άλφα ΆΛΦΑ", ["αλφα", "αλφα"]),
    "Cyrillic yo is ye, short i stays": ("ёлка новый", ["елка", "новый"]),
    "Hebrew niqqud": ("שָׁלוֹם", ["שלום"]),
    "Arabic harakat and tatweel": ("مُحَمَّد كــتاب", ["محمد", "كتاب"]),
    "Indic vowel signs make the letter": ("मैं भूल गया हूँ", ["मैं", "भूल", "गया", "हूँ"]),
    "width and ligatures": ("ﬁne ＡＢＣ １２", ["fine", "abc", "12"]),
    "soft hyphen and joiners": ("pass\u00adword\u200c s", ["password", "s"]),
    "contraction": ("can't don’t doesn't", ["cant", "dont", "doesnt"]),
    "clitics go": ("customer's you'll I’m we've", ["customer", "you", "i", "we"]),
    "elision parts": ("l'application dell’account", ["l", "application", "dell", "account"]),
    "Hebrew acronym": ("דו\"ח צ'ק", ["דוח", "צק"]),
    "Ukrainian apostrophe": ("зв'язок", ["звязок"]),
    "names in parts": ("ERR_CONN_RESET v2.1", ["err", "conn", "reset", "v2", "1"]),
    "Chinese in words": ("请帮助重置密码 ABC", ["请", "帮助", "重置", "密码", "abc"]),
    "Japanese in pairs": ("密码を 502 忘", ["密码", "码を", "502", "忘"]),
    "Korean as written": ("비밀번호를 잊어버렸어요", ["비밀번호를", "잊어버렸어요"]),
    "Thai in pairs of letters with signs": ("ลืม", ["ลืม"]),
    "Thai longer": ("รหัส", ["รหั", "หัส"]),
    "nothing": (" \n-–— !?", []),
}


@pytest.mark.parametrize(("text", "expected"), FOLDED.values(), ids=FOLDED)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_ideographs_alone_are_cut_as_the_language_says() -> None:
    assert words("接続障害", japanese=True) == ["接続", "続障", "障害"]
    assert words("重置密码", japanese=False) == words("重置密码") == ["重置", "密码"]


@given(st.text())
@settings(deadline=None)
def test_any_text_gives_words_without_space_or_capitals(text: str) -> None:
    for word in words(text):
        assert word
        assert not any(sign.isspace() for sign in word)
        assert word == word.lower()


@given(st.text(alphabet=st.characters(max_codepoint=0x24F, categories=("L", "Zs"))))
@settings(deadline=None)
def test_case_and_diacritics_make_no_difference(text: str) -> None:
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    assert words(bare) == words(text)
    assert fold(fold(text)) == fold(text)
