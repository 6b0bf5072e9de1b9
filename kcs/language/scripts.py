"""Which writing a character belongs to, as ranges for regular expressions and as a table for counting."""

from __future__ import annotations

import unicodedata

HEBREW = "\u0590-\u05ff\ufb1d-\ufb4f"
ARABIC = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff"
CYRILLIC = "\u0400-\u052f"
KANA = "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
# Thai, Lao, Myanmar and Khmer put no space between words.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"

# Vowel signs and the like, without which an Indic or South-East Asian letter is another one.
MARKS = "".join(
    chr(code) for code in range(0x0900, 0x1D00) if unicodedata.category(chr(code)) in {"Mn", "Mc"}
)

# A writing that (nearly) one language has to itself, and that language; Cyrillic, Arabic and Devanagari have
# several, of which this is the most usual.
LANGUAGE_OF_SCRIPT = {
    "he": HEBREW,
    "ar": ARABIC,
    "ja": KANA,
    "ko": HANGUL,
    "ru": CYRILLIC,
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "th": "\u0e00-\u0e7f",
    "hi": "\u0900-\u097f",
    "zh": HAN,
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0530-\u058f",
    "km": "\u1780-\u17ff",
    "lo": "\u0e80-\u0eff",
    "my": "\u1000-\u109f",
}
