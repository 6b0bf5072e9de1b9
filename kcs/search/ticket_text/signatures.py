"""Signatures: the closing and what stands below it, lines of phones and addresses, and what devices add."""

from __future__ import annotations

import re

from kcs.search.ticket_text.courtesies import greets
from kcs.search.ticket_text.phrases import any_of

_SEEN = 200
_MOST_LINES = 14
_LONGEST_LINE = 90
_MOST_WORDS = 12

_DELIMITER = re.compile(r"--\s?|—\s?|_{2,}")
_LEAST_ABOVE = 12
_MOST_WORDS_OF_A_NAME = 4

_CLOSINGS = re.compile(
    any_of(
        {
            "en": r"""(?:with )?(?:(?:my |our )?(?:best|kind|kindest|warm|warmest|many) )?(?:regards|wishes)|
                      best|cheers|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|take care|
                      (?:many )?thanks(?: (?:again|a lot|so much|in advance|and (?:best |kind )?regards))?|
                      thanks for your help|thank you(?: (?:very much|so much|in advance))?|
                      thank you for your (?:help|time|support)|thx|tia|br|rgds""",
            "es": r"""(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente|
                      (?:muchas )?gracias(?: (?:de antemano|por .{1,30}))?""",
            "de": r"""(?:mit )?(?:freundlichen?|besten?|herzlichen?|vielen?|lieben?|sch(?:ö|oe)nen?)
                      \s(?:gr(?:ü|ue)(?:ß|ss)en?|gru(?:ß|ss)|dank)|mfg|vg|lg|hochachtungsvoll|
                      danke(?: im voraus)?""",
            "fr": r"""(?:bien )?cordialement|(?:bien )?(?:à|a) vous|sinc(?:è|e)res salutations|
                      salutations(?: distingu(?:é|e)es)?|merci(?: d'avance| beaucoup| par avance)?""",
            "it": r"(?:cordiali|distinti) saluti|saluti|grazie(?: mille)?",
            "pt": r"(?:com os melhores )?cumprimentos|atenciosamente|(?:muito )?obrigad[oa]|abra(?:ç|c)os?",
            "nl": r"(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg|alvast bedankt",
            "nordic": r"(?:med )?(?:venn?lig hilsen|vänliga hälsningar)|mvh|ystävällisin terveisin",
            "pl, cs": r"(?:z )?(?:poważaniem|wyrazami szacunku)|pozdrawiam|s pozdravem",
            "ru": r"(?:с )?уважением",
            "id": r"salam(?: hormat)?|hormat (?:saya|kami)|terima ?kasih(?: (?:banyak|sebelumnya))?",
            "tr": r"iyi çalışmalar|saygılarımla|teşekkürler",
            "he": r"ב?ברכה(?: רבה)?|תודה(?: (?:רבה|מראש))?(?: ו?בברכה)?|בכבוד רב",
            "ar": r"مع التحية|شكرا",
            "ja": r"敬具|以上|(?:よろしく|宜しく)お願い(?:いた|致)?し?ます",
            "zh": r"此致|敬礼|谢谢",
            "ko": r"감사합니다",
        }
    ),
    re.IGNORECASE,
)
# What a device or a mail program adds, in two halves: that it was sent, and from what.
_SENT = re.compile(
    any_of(
        {
            "en": r"sent (?:from|via|with|using)|get outlook for",
            "de": r"(?:von|mit) .{1,40} gesendet|gesendet (?:von|mit)",
            "es, pt": r"enviado (?:desde|do|de|a partir|pelo)",
            "fr": r"envoy(?:é|e) (?:de|depuis|à partir)",
            "it": r"inviato da",
            "nl": r"(?:verzonden|verstuurd) (?:vanaf|met|vanuit)",
            "nordic": r"skickat från|sendt fra|lähetetty",
            "pl, cs": r"wysłan[eo] z|odesláno z",
            "id": r"dikirim dari",
            "tr": r".{1,40}gönderildi",
            "ru": r"отправлено",
            "he": r"נשלח",
            "ar": r"تم الإرسال",
            "ja": r".{1,40}から送信",
            "zh": r"发自我的|從我的",
            "ko": r"나의 .{1,40}보냄",
        }
    ),
    re.IGNORECASE,
)
_DEVICES = re.compile(
    r"iphone|ipad|android|samsung|galaxy|huawei|xiaomi|redmi|oppo|pixel|blackberry|outlook|yahoo|proton|"
    r"gmail|windows|\bmail\b|\bmobil|\bphone|smartphone|handy|telef[oó]n|téléphone|cellulare|ponsel|נייד|"
    r"телефон|手机|手機|スマート",
    re.IGNORECASE,
)
_LONGEST_DEVICE_LINE = 80

_PHONE = r"\+?[\d ()./-]{6,25}(?:\s?(?:ext|x|-)\.?\s?\d{1,6})?"
_PHONE_LABELS = (
    r"tel|phone|mobile|cell|fax|telefon|telefono|teléfono|téléphone|telp|hp|handy|mob|office|direct|[tmfp]|"
    r"טלפון|נייד|電話"
)
_LABELLED = re.compile(
    rf"(?:{_PHONE_LABELS})\.?\s?[:：|]?\s?{_PHONE}|\+[\d ()./-]{{7,25}}|"
    r"(?:e-?mail|mail|e|メール)\s?[:：|]\s?[^\s@]{1,64}@[^\s@]{1,120}|"
    r"(?:web|website|w|skype|linkedin|twitter)\s?[:：|]\s?\S{1,120}|"
    r"(?:address|adresse|dirección|alamat|住所)\s?[:：|]\s?.{1,120}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,120}|(?:https?://|www\.)\S{1,150}", re.IGNORECASE)
# What must not go with a signature: a postscript, and whatever looks like an error or a code.
_TELLS = re.compile(
    r"p\.? ?s\.?[:\s]|0x[0-9a-f]{4}|\b[A-Z0-9]{2,}_[A-Z0-9_]{2,}|\b[A-Z]{2,8}-\d{2,}|"
    r"\b(?:error|exception|fehler|erreur|kesalahan|שגיאה)\b|エラー|错误",
    re.IGNORECASE,
)


def unsigned(text: str) -> str:
    """Return the text without what stands below a closing or "--", contact lines and "Sent from my …"."""
    lines = [line for line in text.split("\n") if not _by_device(line)]
    return "\n".join(_without_contacts(_cut_at_closing(lines)))


def _by_device(line: str) -> bool:
    bare = line.strip(" *_[]().-–—\t")
    return len(bare) <= _LONGEST_DEVICE_LINE and bool(_SENT.match(bare)) and bool(_DEVICES.search(bare))


def _cut_at_closing(lines: list[str]) -> list[str]:
    filled = [place for place, line in enumerate(lines) if line.strip()]
    for place in filled[-_MOST_LINES:]:
        if not _ends_here(lines[place]) or _size(lines[:place]) < _LEAST_ABOVE:
            continue
        below = [line for line in lines[place + 1 :] if line.strip()]
        signing = [line for line in below if not _TELLS.search(line)]
        if _is_signature(signing):
            return [*lines[:place], *(line for line in below if _TELLS.search(line))]
    return lines


def _ends_here(line: str) -> bool:
    bare = line[:_SEEN].strip()
    return bool(_DELIMITER.fullmatch(bare) or _CLOSINGS.fullmatch(bare.rstrip(",.!;:，。、！ ")))


def _size(lines: list[str]) -> int:
    """Characters of what is said above, greetings not counted: a closing closes something."""
    return sum(len(line.strip()) for line in lines if not greets(line[:_SEEN].strip()))


def _is_signature(lines: list[str]) -> bool:
    """Short lines, the first of them a name."""
    return not lines or (
        len(lines[0].split()) <= _MOST_WORDS_OF_A_NAME and all(_could_sign(line.strip()) for line in lines)
    )


def _could_sign(line: str) -> bool:
    short = len(line) <= _LONGEST_LINE and len(line.split()) <= _MOST_WORDS
    return short and not line.endswith(("?", "？"))


def _without_contacts(lines: list[str]) -> list[str]:
    """Phones and the like at the end go, addresses among them too; those alone may be what it is about."""
    end = len(lines)
    while end and (
        not lines[end - 1].strip()
        or _matches(_LABELLED, lines[end - 1])
        or _matches(_ADDRESS, lines[end - 1])
    ):
        end -= 1
    return lines[:end] if any(_matches(_LABELLED, line) for line in lines[end:]) else lines


def _matches(pattern: re.Pattern[str], line: str) -> bool:
    return bool(pattern.fullmatch(line[:_SEEN].strip(" *|<>[]\t")))
