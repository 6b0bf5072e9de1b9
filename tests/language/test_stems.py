"""Stems: the forms of a word are one term; names and numbers stay what they are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kcs.language import STEMMED, stem, stems, terms

SAME: dict[str, list[tuple[str, ...]]] = {
    "en": [("reset", "resets", "resetting"), ("invoice", "Invoices", "invoiced")],
    "es": [("contraseña", "contrasenas", "CONTRASEÑAS"), ("conexión", "conexion", "conexiones")],
    "fr": [("utilisée", "utilisees", "utilisés"), ("connexion", "connexions")],
    "de": [("Rechnung", "Rechnungen"), ("Passwörter", "passworter")],
    "pt": [("transação", "transacao", "transações", "transacoes"), ("possível", "possivel")],
    "it": [("fattura", "fatture")],
    "id": [("bayar", "pembayaran", "dibayar")],
    "pl": [("faktura", "fakturę", "faktury")],
    "tr": [("şifre", "şifreler", "ŞİFRELER")],
    "ru": [("пароль", "пароля", "паролем")],
    "ar": [("فاتورة", "الفاتورة")],
    "he": [("חשבונית", "החשבונית", "ובחשבונית", "לחשבונית"), ("סיסמה", "שהסיסמה")],
    "ko": [("비밀번호", "비밀번호를", "비밀번호는"), ("로그인", "로그인에서")],
}


@pytest.mark.parametrize(("language", "forms"), [(each, forms) for each in SAME for forms in SAME[each]])
def test_forms_of_a_word_are_one_term(language: str, forms: tuple[str, ...]) -> None:
    assert len({stem(form, language) for form in forms}) == 1
    assert len(set(terms(" ".join(forms), language))) == 1


APART = {
    "different words": ("en", "account", "accept"),
    "a stem of three letters at least": ("he", "שלי", "לי"),
    "a digit is never stemmed": ("en", "invoices2", "invoice2"),
}


@pytest.mark.parametrize(("language", "one", "other"), APART.values(), ids=APART)
def test_what_differs_stays_apart(language: str, one: str, other: str) -> None:
    assert stem(one, language) != stem(other, language)


WITHOUT = {
    "no stemmer": ("vi", "Mật", "mat"),
    "unknown language": ("tlh", "Passwords", "passwords"),
    "Hebrew of three letters": ("he", "הוא", "הוא"),
    "short": ("en", "As", "as"),
    "with a digit": ("en", "V2s", "v2s"),
}


@pytest.mark.parametrize(("language", "word", "term"), WITHOUT.values(), ids=WITHOUT)
def test_words_that_stand_for_themselves(language: str, word: str, term: str) -> None:
    assert stem(word, language) == term


def test_every_language_said_to_be_stemmed_is() -> None:
    assert {stem("passwort", language) for language in STEMMED}


def test_ideographs_are_cut_by_the_language_of_the_text() -> None:
    assert terms("接続障害", "ja") == ["接続", "続障", "障害"]
    assert terms("重置密码", "zh") == ["重置", "密码"]


def test_a_full_memory_forgets_and_answers_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stems, "REMEMBERED", 3)
    text = "invoices payments accounts refunds transfers invoices payments"
    assert terms(text, "et") == terms(text, "et")
    assert len(stems._MEMORIES["et"]) <= 3


def test_what_is_too_long_for_a_word_is_neither_stemmed_nor_remembered() -> None:
    assert terms("x" * 200 + "ings", "en") == ["x" * 200 + "ings"]
    assert max(map(len, stems._MEMORIES["en"]), default=0) <= 60


def test_threads_do_not_disturb_each_other() -> None:
    made = [
        f"{start}{middle}ations"
        for start in ("form", "inform", "nomin", "oper")
        for middle in map(chr, range(97, 123))
    ]
    alone = [terms(word, "nl") for word in made]
    stems._MEMORIES.pop("nl")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda word: terms(word, "nl"), made * 4)) == alone * 4
