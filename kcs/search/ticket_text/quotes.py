"""Quoted mail: what others wrote, which a mail program put below, above or between the author's own words."""

from __future__ import annotations

import re

from kcs.search.ticket_text.phrases import any_of

_SEEN = 400
# Quote marks and the invisible marks of direction that mail programs put around names.
_AROUND = " \t\r>\u200e\u200f\u202a\u202b\u202c\u202d\u202e"

# What stands above a quoted mail: how such a line starts and the verb it ends with, by language.
_ATTRIBUTIONS = {
    "en": (r"on|at", r"wrote"),
    "de": (r"am|von", r"schrieb(?:en)?(?: .{1,60})?|hat geschrieben"),
    "es": (r"el|en fecha", r"escribi[óo]|ha escrito"),
    "fr": (r"le|en date du", r"a (?:é|e)crit|(?:é|e)crivait"),
    "it": (r"il(?: giorno)?|in data", r"ha scritto|scriveva"),
    "pt": (r"em|no dia|a", r"escreveu|escreveram"),
    "nl": (r"op|van", r"schreef(?: .{1,60})?|geschreven"),
    "pl": (r"w dniu|dnia|dn\.", r"napisał\(?a?\)?|pisze"),
    "cs": (r"dne|on", r"napsal\(?a?\)?"),
    "sv": (r"den|på", r"skrev(?: .{1,60})?|kirjoitti"),
    "id": (r"pada|on", r"menulis|tulis"),
    "tr": (r"\d", r"yazdı|şunları yazdı"),
    "ru": (r"\d|в|от", r"написал\(?а?\)?|пишет"),
    "he": (r"בתאריך|ב-|ביום", r"כתב/?ה?|מאת .{1,100}"),
    "ja": (r"\d{4}", r".{0,60}(?:書きました|のメッセージ|wrote)"),
    "zh": (r"\d{4}|在", r".{0,60}(?:写道|寫道)"),
    "ko": (r"\d{4}", r".{0,60}(?:작성|님이 쓴)"),
}
_ATTRIBUTION = re.compile(
    "|".join(rf"(?:{start}).{{0,300}}?(?:{verb})" for start, verb in _ATTRIBUTIONS.values()), re.IGNORECASE
)
# A date or time, an address, a colon at the end: what they have in common in every other language.
_ADDRESSED = re.compile(
    r"(?=.{0,300}\d{1,2}[:.h]\d{2}|.{0,300}\d{4}).{0,300}[<(][^\s@<>()]{1,64}@[^\s@<>()]{1,120}[>)].{0,12}"
)
_LONGEST_ATTRIBUTION = 3

_DASHES = r"[-–—_*=#]{2,}"
_ORIGINALS = any_of(
    {
        "en": r"original(?: message| appointment)?|(?:begin )?forwarded message|forwarded by .{1,80}",
        "de": r"urspr(?:ü|ue)ngliche nachricht|originalnachricht|weitergeleitete nachricht",
        "es": r"mensaje (?:original|reenviado)",
        "fr": r"message (?:d'origine|original|transf(?:é|e)r(?:é|e))",
        "it": r"messaggio (?:originale|inoltrato)",
        "pt": r"mensagem (?:original|encaminhada)",
        "nl": r"oorspronkelijk bericht|doorgestuurd bericht",
        "nordic": r"ursprungligt meddelande|opprinnelig melding|oprindelig meddelelse|alkuperäinen viesti",
        "pl, cs": r"wiadomość oryginalna|oryginalna wiadomość|původní zpráva",
        "id": r"pesan (?:asli|terusan|yang diteruskan)",
        "tr": r"orijinal mesaj",
        "ru": r"исходное сообщение|пересылаемое сообщение",
        "he": r"הודעה מקורית|הודעה שהועברה",
        "ja": r"元のメッセージ",
        "zh": r"原始邮件|原始郵件|转发的邮件",
        "ko": r"원본 메시지|원본 메일",
    }
)
_BOUNDARY = re.compile(
    rf"(?:{_DASHES}\s*{_ORIGINALS}\s*{_DASHES}|{_ORIGINALS}:|begin forwarded message"
    r"|-{20,}\s*reply above.{0,60}|##-.{1,120}-##)",
    re.IGNORECASE,
)

_FROM = any_of(
    {
        "Germanic": r"from|von|van|från|fra|afzender",
        "Romance": r"de|da|expéditeur|remitente|mittente",
        "others": r"od|lähettäjä|dari|kimden|от|מאת|差出人|发件人|寄件者|보낸 ?사람",
    }
)
_SUBJECT = any_of(
    {
        "Germanic": r"subject|betreff|onderwerp|ämne|emne",
        "Romance": r"asunto|objet|oggetto|assunto",
        "others": r"temat|předmět|aihe|perihal|subjek|konu|тема|נושא|件名|主题|主題|제목",
    }
)
_OTHERS = any_of(
    {
        "en": r"sent|date|to|cc",
        "de": r"gesendet|datum|an",
        "es, pt": r"enviad[oa](?: (?:el|em))?|fecha|para|data",
        "fr": r"envoyé|à",
        "it": r"inviato|a",
        "nl": r"verzonden|aan",
        "nordic": r"skickat|sendt|till|til|dato|lähetetty|vastaanottaja",
        "pl, cs": r"wysłano|do|odesláno|komu",
        "id": r"dikirim|tanggal|kepada",
        "tr": r"gönderilme|gönderildi|kime",
        "ru": r"отправлено|дата|кому",
        "he": r"נשלח|תאריך|אל",
        "ja": r"送信日時|日時|宛先",
        "zh": r"发送时间|日期|收件人",
        "ko": r"보낸 ?날짜|받는 ?사람",
    }
)
_FROM_LINE = re.compile(rf"\*?(?:{_FROM})\s?\*?\s?[:：]\*?.{{1,200}}", re.IGNORECASE)
_HEADER_LINE = re.compile(rf"\*?(?:{_FROM}|{_SUBJECT}|{_OTHERS})\s?\*?\s?[:：]\*?.{{0,200}}", re.IGNORECASE)
_SUBJECT_LINE = re.compile(rf"[\s>*]{{0,8}}{_SUBJECT}", re.IGNORECASE)
_QUOTE_MARK = re.compile(r"\s{0,3}>")
_PROMPT = re.compile(r"\s{0,3}>>> ?(?!>)")


def own_words(text: str) -> str:
    """Return what the author wrote in a message without the mail it quotes: empty where all is quoted."""
    return "\n".join(_own_lines(text.split("\n")))


def unquoted(text: str) -> str:
    """Return the text without the mail it quotes; where it is nothing but that, as when forwarded, its words.

    Below a heading of a quoted mail all is quoted, unless the quote is marked line by line: then what is not
    marked is the author's, wherever it stands.
    """
    own = own_words(text)
    return own if own.strip() else "\n".join(_bare(text.split("\n")))


def _own_lines(lines: list[str]) -> list[str]:
    own: list[str] = []
    place = 0
    headed = False
    while place < len(lines):
        heading = _heading_at(lines, place)
        if heading:
            headed = True
            place += heading
            if not _marked_next(lines, place):
                break
            continue
        if not _is_marked(lines[place], headed=headed):
            own.append(lines[place])
        place += 1
    return own


def _bare(lines: list[str]) -> list[str]:
    """The words of a mail that is nothing but a quote: no headings, no marks."""
    bare: list[str] = []
    place = 0
    while place < len(lines):
        heading = _heading_at(lines, place)
        if not heading:
            bare.append(lines[place].lstrip("> "))
        place += heading or 1
    return bare


def _heading_at(lines: list[str], place: int) -> int:
    """How many lines from here on head a quoted mail; 0 when they do not."""
    line = lines[place][:_SEEN].strip(_AROUND)
    if not line:
        return 0
    if _BOUNDARY.fullmatch(line):
        return 1 + _headers_at(lines, place + 1, skip_blank=True)
    if _FROM_LINE.fullmatch(line):
        count = _headers_at(lines, place, skip_blank=False)
        return count if _is_mail(lines[place : place + count]) else 0
    return _attribution_at(lines, place)


def _is_mail(headers: list[str]) -> bool:
    """From and to are asked for in forms as well; an address or a subject makes it the head of a mail."""
    return len(headers) >= 2 and any("@" in line or _SUBJECT_LINE.match(line) for line in headers)


def _headers_at(lines: list[str], place: int, *, skip_blank: bool) -> int:
    count = 0
    for line in lines[place : place + 12]:
        bare = line[:_SEEN].strip(" \t\r>")
        if not _HEADER_LINE.fullmatch(bare) and (bare or not skip_blank or count > 1):
            break
        count += 1
    return count


def _attribution_at(lines: list[str], place: int) -> int:
    """A mail program breaks the line where it gets long: up to three are looked at together."""
    joined = ""
    for count, line in enumerate(lines[place : place + _LONGEST_ATTRIBUTION], start=1):
        bare = line[:_SEEN].strip(_AROUND)
        if not bare:
            return 0
        joined = f"{joined} {bare}".strip()
        if not joined.endswith((":", "：")):
            continue
        head = joined[:-1].rstrip(" \u200e\u200f\u202c")
        if not _is_attribution(head):
            return 0
        # Its last lines may be one by themselves, below the author's last line.
        return 0 if count > 1 and _attribution_at(lines, place + 1) else count
    return 0


def _is_attribution(head: str) -> bool:
    if len(head) > _SEEN or not any(sign.isdigit() for sign in head):
        return False
    return bool(_ATTRIBUTION.fullmatch(head) or _ADDRESSED.fullmatch(head))


def _marked_next(lines: list[str], place: int) -> bool:
    following = next((line for line in lines[place : place + 3] if line.strip()), "")
    return bool(_QUOTE_MARK.match(following))


def _is_marked(line: str, *, headed: bool) -> bool:
    if not headed and _PROMPT.match(line):
        return False
    return bool(_QUOTE_MARK.match(line))
