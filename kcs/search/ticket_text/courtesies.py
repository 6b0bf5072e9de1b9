"""Greetings and thanks: what is polite to write and tells nothing about the problem."""

from __future__ import annotations

import re

from kcs.search.ticket_text.phrases import any_of

_SEEN = 200

_GREETINGS = any_of(
    {
        "en": r"""hi|hello|hey|hiya|dear|greetings|good (?:morning|afternoon|evening|day)|
                  to whom it may concern""",
        "es": r"hola|buen[oa]s (?:d(?:í|i)as|tardes|noches)|buenas|buen d(?:í|i)a|estimad[oa]s?|querid[oa]s?",
        "de": r"""hallo|guten (?:tag|morgen|abend)|moin|servus|gr(?:ü|ue)(?:ß|ss) gott|sehr geehrte[rs]?|
                  liebe[rs]?""",
        "fr": r"bonjour|bonsoir|salut|ch(?:è|e)re?s?|madame, monsieur",
        "it": r"ciao|buon ?giorno|buona ?sera|salve|gentil[ei]|egregi[oa]?",
        "pt": r"ol(?:á|a)|bom dia|boa (?:tarde|noite)|prezad[oa]s?",
        "nl": r"beste|geachte|goeden? ?(?:morgen|middag|avond|dag)",
        "nordic": r"hei|hej|kære|hyvä",
        "pl, cs": r"dzień dobry|witam|cześć|dobrý den",
        "id": r"halo|hai|selamat (?:pagi|siang|sore|malam)|(?:kepada )?yth\.?|assalam\w*",
        "tr": r"merhaba|iyi günler|sayın",
        "ru": r"здравствуйте|добрый день|доброе утро|привет|уважаем\w+",
        "he": r"שלום(?: רב)?|היי|הי|בוקר טוב|ערב טוב|צהריים טובים|לכבוד",
        "ar": r"مرحبا|السلام عليكم",
        "ja": r"こんにちは|(?:いつも)?お世話になって(?:い|お)ります|お世話になります|はじめまして",
        "zh": r"您好|你好",
        "ko": r"안녕하세요|안녕하십니까",
    }
)
# Alone on its line with up to five words after it, or ahead of a sentence up to its comma.
_GREETING_LINE = re.compile(
    rf"{_GREETINGS}(?:\s+[^\s,.!?:;]+){{0,5}}(?:,\s[^\s,.!?:;]+)?\s*[,.!:;，。！–-]{{0,3}}", re.IGNORECASE
)
_GREETING_AHEAD = re.compile(
    rf"{_GREETINGS}(?:[^\S\n]+[^\s,.!?:;]{{1,30}}){{0,3}}\s?[,!.，。！、–-]{{1,3}}\s*(?=\S)",
    re.IGNORECASE,
)
_SHORT_GREETING_LINE = 7
_SHORT_THANKS_LINE = 11

_THANKS = any_of(
    {
        "en": r"""(?:many |kind )?thank(?:s| you)\b.{0,80}|(?:any|your|much) .{0,40}appreciated.{0,30}|
                  i (?:would )?appreciate .{0,80}|(?:i(?:'m| am)? )?(?:look(?:ing)?) forward to .{0,80}|
                  (?:i )?hope (?:this|that|you|all).{0,60}(?:well|fine|ok)\W*|
                  please (?:help|advise|assist|let me know)(?: me| us)?(?: (?:asap|urgently|soon|out))?\W*""",
        "es": r"""(?:muchas |mil )?gracias\b.{0,80}|de antemano.{0,60}|quedo (?:a la espera|atent[oa]).{0,80}|
                  espero su .{0,60}""",
        "de": r"(?:vielen |herzlichen |besten )?dank\b.{0,80}|danke\b.{0,80}|ich freue mich auf .{0,80}",
        "fr": r"""(?:un grand )?merci\b.{0,80}|je vous remercie\b.{0,80}|dans l'attente .{0,80}|
                  bien à vous\W*""",
        "it": r"(?:grazie|vi ringrazio)\b.{0,80}|in attesa di .{0,60}",
        "pt": r"(?:muito )?obrigad[oa]\b.{0,80}|fico no aguardo.{0,60}",
        "nl": r"(?:alvast |hartelijk )?(?:bedankt|dank)\b.{0,80}",
        "nordic": r"(?:tack|tak|takk|kiitos)\b.{0,60}",
        "pl, cs": r"(?:z góry )?dziękuję\b.{0,60}|děkuji\b.{0,60}",
        "id": r"terima ?kasih\b.{0,80}|mohon (?:bantuan|pencerahan)nya\W*|ditunggu .{0,60}",
        "tr": r"teşekkür\w*\b.{0,60}",
        "ru": r"(?:заранее )?(?:большое )?спасибо\b.{0,60}",
        "he": r"תודה\b.{0,60}|אשמח ל(?:עזרה|תשובה|עזרתכם)\W*",
        "ar": r"شكرا.{0,60}",
        "ja": r"""(?:よろしく|宜しく)お願い.{0,30}|ありがとうございます.{0,20}|.{0,20}お願いいたします[。.]?|
                  お手数.{0,40}""",
        "zh": r"谢谢.{0,30}|感谢.{0,30}",
        "ko": r"감사합니다.{0,20}",
    }
)
_THANKS_LINE = re.compile(_THANKS, re.IGNORECASE)
# A thank-you may carry the question with it ("thanks, but it still fails").
_CARRYING = any_of(
    {
        "en": r"but|however|still|how|why|when|what|where|and|error|not|can't|cannot|doesn't",
        "others": r"pero|aber|noch|nicht|fehler|mais|erreur|pas|però|non|mas|não|maar|niet|tapi|tidak|אבל|לא",
    }
)
_CARRIES_MORE = re.compile(rf"[?？_]|\b{_CARRYING}\b|\d{{2,}}|但|しかし", re.IGNORECASE)


def without_courtesies(text: str) -> str:
    """Return the text without lines that only greet or thank and the greeting ahead of a sentence."""
    lines = text.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    kept = []
    for place, line in enumerate(lines):
        bare = line.strip()
        if 0 < len(bare) <= _SEEN and (greets(bare) or _thanks(bare)):
            continue
        kept.append(_greeting_off(line) if place == first else line)
    return "\n".join(kept)


def greets(line: str) -> bool:
    """Whether a line (stripped) is a greeting and nothing else."""
    return (
        len(line.split()) <= _SHORT_GREETING_LINE and bool(_GREETING_LINE.fullmatch(line)) and _closes(line)
    )


def _closes(line: str) -> bool:
    """A greeting of more than two words ends as one: "Hello my app crashes." does not."""
    return len(line.split()) <= 2 or line.endswith((",", "!", ":", "-", "–", "，", "！"))


def _thanks(line: str) -> bool:
    short = len(line.split()) <= _SHORT_THANKS_LINE
    return short and bool(_THANKS_LINE.fullmatch(line)) and not _CARRIES_MORE.search(line)


def _greeting_off(line: str) -> str:
    """A greeting ahead of a sentence: what follows its comma stays."""
    greeting = _GREETING_AHEAD.match(line.lstrip())
    return line.lstrip()[greeting.end() :] if greeting else line
