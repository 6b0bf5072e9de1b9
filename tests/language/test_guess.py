"""Language: what is known first, then the writing, then small words, then the model."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcs.language import POLITE_WORDS, STOP_WORDS, fold, language_of, primary

LONG_SPANISH = (
    "No puedo entrar en mi cuenta desde ayer porque la aplicación dice que la contraseña no es correcta, "
    "aunque la he cambiado dos veces y he esperado varias horas."
)
LONG_ENGLISH = (
    "Since the last update the app closes when I open an invoice, and nothing I tried so far has helped."
)

TAGS = {"es-419": "es", "iw": "he", "in_ID": "id", "zh-Hant-TW": "zh", "nb": "no", "EN-us": "en", "de": "de"}


@pytest.mark.parametrize(("tag", "expected"), TAGS.items())
def test_primary_subtag(tag: str, expected: str) -> None:
    assert primary(tag) == expected


GUESSED = {
    "known wins for a short text": ("reset password", "es-419", "es"),
    "a long text says itself": (LONG_SPANISH, "en", "es"),
    "unclear and long: what is known": ("ERR_1 " * 40, "de", "de"),
    "unclear and unknown": ("ERR_CONN_RESET 502", None, "en"),
    "nothing": ("", None, "en"),
    "no locale is none": ("Wie kann ich mein Passwort ändern?", " ", "de"),
    "Hebrew": ("שכחתי סיסמה", None, "he"),
    "Arabic": ("مشكلة في الدفع", None, "ar"),
    "Japanese by its kana": ("パスワードを忘れた", None, "ja"),
    "Chinese": ("我忘记密码了", None, "zh"),
    "Korean": ("비밀번호", None, "ko"),
    "Russian": ("Не могу войти", None, "ru"),
    "Ukrainian by the model": ("забув пароль і не можу увійти до облікового запису", None, "uk"),
    "Greek": ("Ξέχασα τον κωδικό", None, "el"),
    "Thai": ("ลืมรหัสผ่าน", None, "th"),
    "Hindi": ("मैं अपना पासवर्ड भूल गया", None, "hi"),
    "Chinese with Latin names": ("我无法登录 Windows 系统", None, "zh"),
    "Latin with a foreign name": ("The page named 日本 does not open for me", None, "en"),
    "small words": ("how do I change the address on my invoice", None, "en"),
    "Indonesian": ("saya tidak bisa masuk ke akun saya", None, "id"),
    "French": ("je ne peux pas me connecter à mon compte", None, "fr"),
    "Polish by the model": ("Nie mogę się zalogować do mojego konta", None, "pl"),
}


@pytest.mark.parametrize(("text", "known", "expected"), GUESSED.values(), ids=GUESSED)
def test_language_of(text: str, known: str | None, expected: str) -> None:
    assert language_of(text, known) == expected


@given(st.text(max_size=400), st.none() | st.text(max_size=8))
@settings(deadline=None)
def test_any_text_has_a_language(text: str, known: str | None) -> None:
    assert language_of(text, known)


def test_neither_model_nor_dictionary_is_loaded_until_it_is_needed() -> None:
    code = (
        "import sys; from kcs.language import language_of; "
        f"language_of({LONG_ENGLISH!r}); language_of('x', 'de'); language_of('שכחתי סיסמה'); "
        "sys.exit(bool({'py3langid', 'rjieba'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_small_words_are_folded_and_leave_out_what_tells() -> None:
    for small in (*STOP_WORDS.values(), POLITE_WORDS):
        assert all(fold(word) == word for word in small)
    assert not STOP_WORDS["en"] & {"how", "why", "not", "what", "when", "where", "who", "which", "no"}
