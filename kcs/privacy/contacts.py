"""E-mail addresses and phone numbers, whosever they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from kcs.privacy.words import listed

# RFC 2606 keeps these for documentation, and nobody can have an address there.
DOCUMENTATION_DOMAINS = ("example.com", "example.net", "example.org", "example.edu")
# Domains manuals use although they are somebody's: with a stand-in before the sign nobody is meant.
STAND_IN_DOMAINS = listed(
    """
    domain.com yourdomain.com mydomain.com company.com yourcompany.com mycompany.com bar.com foo.com
    email.com
    """
)
# First and last name of somebody there may be a slip all the same, unless they are everybody's stand-in.
STAND_INS = listed(
    """
    jane john doe roe smith joe bloggs max erika mustermann mustermensch juan perez fulano tal jean
    dupont alice bob carol dave first last name firstname lastname vorname nachname nombre apellido
    prenom nom your user username new old test tester admin support sales info help no reply noreply do
    not my service account mail email customer client someone address coworker foo bar baz me you anyone
    mario rossi jan kowalski taro yamada hanako budi agent team billing web master post it hr qa dev ops
    """
)
# Last labels that are no domain on the internet: reserved ones, system units and file names.
NO_DOMAINS = listed(
    """
    test invalid localhost localdomain local internal lan service socket timer target mount slice scope
    path device png jpg jpeg gif svg webp ico css js ts json xml html yaml yml txt log conf sh py jar
    war dll exe so git
    """
)
# Before an address that names a protocol's user or a message rather than a person.
_NO_ADDRESS = re.compile(
    r"(?:\bgit|\bssh://\S{0,60}|\b(?:message|content|in-reply)-(?:id|to):?\s*<?\S{0,90})$", re.I
)

_LOCAL = r"[A-Za-z0-9\u00c0-\u06ff_][A-Za-z0-9\u00c0-\u06ff._%+'&~-]{0,63}"
_LABEL = r"[\w-]{1,63}"
_TLD = r"(?:xn--[a-z0-9-]{2,59}|[A-Za-z]{2,24}|[\u0400-\u04ff]{2,12})"
EMAIL = re.compile(rf"(?<![A-Za-z0-9_]){_LOCAL}@(?:{_LABEL}[.\u3002]){{1,8}}{_TLD}(?![A-Za-z0-9-])", re.I)

_AT = r"(?:\s?[(\[{<]\s?(?:at|ät|@|a|arroba|chez|bei|arobase|chiocciola)\s?[)\]}>]\s?)"
_DOT_WORD = r"(?:dot|punto|punkt|point|ponto|titik|נקודה)"
_DOT = rf"(?:\s?\.\s?|\s?[(\[{{<]\s?(?:\.|{_DOT_WORD})\s?[)\]}}>]\s?|\s{_DOT_WORD}\s)"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
_HOST = r"[A-Za-z0-9-]{1,63}"
_ENDS = (
    r"(?:com|net|org|de|es|fr|it|uk|br|id|il|jp|cn|nl|pl|pt|mx|ar|io|eu|info|biz|me|co|edu|gov|ch|at|be|ru|in|us|"
    r"email|dev|app|cat|se|dk|no|fi|cz|tr|kr|tw|hk|sg|my|au|nz|ca|za|ie|gr|ua)"
)
# Once the sign is hidden in brackets or a word, or stands apart, only a usual ending makes it an address.
SPELLED_OUT = re.compile(
    rf"(?<![\w.]){_NAME}(?:{_AT}{_HOST}(?:{_DOT}{_HOST}){{0,3}}{_DOT}{_ENDS}"
    rf"|\s(?:at|arroba|chez|bei|arobase)\s{_HOST}(?:\s{_DOT_WORD}\s{_HOST}){{0,3}}\s{_DOT_WORD}\s{_ENDS}"
    rf"|\s{{0,3}}@\s{{0,3}}{_HOST}(?:\s?\.\s?{_HOST}){{0,3}}\s?\.\s?{_ENDS}"
    rf"|\s?@\s?{_HOST}(?:{_DOT}{_HOST}){{0,3}}{_DOT}{_ENDS})(?![\w-])",
    re.I,
)

# North American numbers as written without a country code.
_NORTH_AMERICAN = r"(?<![\w.+/-])(?:1[ .-])?\(?[2-9]\d{2}\)?[ .-]?[2-9]\d{2}[ .-]\d{4}(?![\w-]|\.\d)"
# Forms in which other countries write theirs, plain enough to be told without a word beside them.
_NATIONAL = (
    r"(?<![\w.+/-])0[1-9](?:([ .-])\d{2})(?:\1\d{2}){3}(?![\w.-]\d)",  # France
    r"(?<![\w.+/-])0[1-9]\d{1,3}[ /-]\d{3,4}[ -]\d{3,4}(?![\w-]|\.\d)",  # Britain, Japan, Israel, Indonesia
    r"(?<![\w.+/-])\(0\d{1,5}\) ?\d{2,4}(?:[ -]?\d{2,4}){1,3}(?![\w-]|\.\d)",  # with the area in brackets
    r"(?<![\w.+/-])01[5-7]\d[ /-]?\d{6,8}(?![\w-]|\.\d)",  # German mobiles
    r"(?<![\w.+/-])0(?:5\d|7\d{3}|[2-4]\d)[ /-]\d{5,8}(?![\w-]|\.\d)",  # Israel, Britain, German towns
    r"(?<![\w.+/-])05\d-?\d{7}(?![\w-]|\.\d)",  # Israeli mobiles
    r"(?<![\w.+/-])08[1-9]\d{8,10}(?![\w-]|\.\d)",  # Indonesian mobiles
    r"(?<![\w.+/-])\(?[1-9]{2}\)? ?9\d{4}[ -]\d{4}(?![\w-]|\.\d)",  # Brazil
    r"(?<![\w.+/-])1[3-9]\d[ -]\d{4}[ -]\d{4}(?![\w-]|\.\d)",  # Chinese mobiles
)
PHONE_SHAPES = tuple(re.compile(shape, re.ASCII) for shape in (_NORTH_AMERICAN, *_NATIONAL))

PHONE_WORDS = (
    r"my (?:new )?number|mi número|mon numéro|meu número|meine nummer|nomor saya|"
    r"tel|tlf|tfno|phone|telephone|mobile|mobil|cell|cellphone|call|calls|called|ring|fax|whatsapp|sms|"
    r"dial|hotline|"
    r"teléfono|telefono|móvil|celular|llam\w{1,10}|llám\w{1,8}|telefon\w{0,8}|handy|handynummer|rückruf|"
    r"ruf\w{0,4}|rufnummer|anrufen|durchwahl|erreich\w{0,6}|téléphone|portable|appel\w{0,4}|joindre|"
    r"telefone|telemóvel|"
    r"ligar|ligue|telp|telepon|hp|hubungi|cellulare|chiamare|telefoon|bellen|zadzwo\w{1,6}|komórka|"
    r"טלפון|טל|נייד|"
    r"להתקשר|התקשרו|"
    r"电话|電話|手机|手機|联系|携帯|전화|휴대폰|هاتف|جوال|телефон|тел|звон\w{1,5}"
)
_UNSPACED_PHONE_WORDS = r"微信|המספר שלי|电话|電話|手机|手機|联系|联系方式|携帯|전화|휴대폰"
# The word, a few signs or short words, the number: seven to fifteen digits in groups.
NAMED_PHONE = re.compile(
    rf"(?:(?<![^\W_])(?:{PHONE_WORDS})|{_UNSPACED_PHONE_WORDS})(?![^\W\d_\u3040-\u9fff\uac00-\ud7af])"
    r"[^\d\n]{0,24}?(?<![\d.,/#-])(?P<number>\(?\d{1,5}\)?(?:[ ./-]{0,3}\(?\d{1,5}\)?){1,6})"
    r"(?![A-Za-z0-9_-]|[.:]\d)",
    re.I,
)
# A number after one of these counts versions, amounts or codes.
_NO_PHONE = re.compile(
    r"(?:\b(?:version|versión|versão|versi|build|release|firmware|rev|revision|port|code|error|fehler|"
    r"isbn|issn|rfc|kb|cve|id|"
    r"ticket|order|invoice|serial|sku|part|model|line|lines|bytes|ms|pid|step|row|rows|"
    r"item)[\s:#.]{0,3}(?:no\.?|number)?\s?"
    r"|[$€£¥#=_]\s?|\bv\.?\s?|\d:)$",
    re.I,
)
# What the matcher of phonenumbers refuses: numbers glued to other signs, and 00 for the plus.
_LONG_FORM = re.compile(
    r"(?<![\w.:,+-])(?:\+[1-9]\d{0,2}|00[1-9]\d{0,2}[ ./()-])"
    r"(?:[ ./()-]{0,2}(?!00)\d{1,5}){2,6}(?![\w-]|[.:]\d)",
    re.ASCII,
)
_NO_NUMBER = re.compile(
    r"(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}.*|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d.*"  # dates
    r"|\d{1,3}(?:\.\d{1,3}){2,3}"  # network addresses, versions
)
FEWEST_DIGITS, MOST_DIGITS = 7, 15


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Give addresses as they are written."""
    for match in EMAIL.finditer(text):
        if not _is_nobodys(text, match.start(), match[0]):
            yield match.span()


def spelled_out_emails(text: str) -> Iterator[tuple[int, int]]:
    """Give addresses whose signs are in brackets, apart, or written as words."""
    for match in SPELLED_OUT.finditer(text):
        if not _is_nobodys(text, match.start(), match[0]):
            yield match.span()


def documentation_emails(text: str) -> Iterator[tuple[int, int]]:
    """Give addresses on domains that are kept for examples."""
    for match in EMAIL.finditer(text):
        if match[0].rpartition("@")[2].lower().endswith(DOCUMENTATION_DOMAINS):
            yield match.span()


def named_documentation_emails(text: str) -> Iterator[tuple[int, int]]:
    """Give those of them that bear somebody's first and last name."""
    for start, end in documentation_emails(text):
        words = re.split(r"[._-]", text[start:end].partition("@")[0].lower())
        if len(words) > 1 and all(map(str.isalpha, words)) and not STAND_INS.intersection(words):
            yield start, end


def _is_nobodys(text: str, start: int, address: str) -> bool:
    sign = text.find("@", start, start + len(address))
    names_no_person = sign >= 0 and _NO_ADDRESS.search(text, max(0, start - 100), sign)
    return bool(names_no_person) or _is_documentation(address)


def _is_documentation(address: str) -> bool:
    """Return whether an address can be nobody's: its domain is kept for examples, or is none."""
    domain = address.rpartition("@")[2].lower()
    reserved = any(domain == each or domain.endswith(f".{each}") for each in DOCUMENTATION_DOMAINS)
    name = address.partition("@")[0].lower().rstrip("0123456789")
    stand_in = domain in STAND_IN_DOMAINS and name in STAND_INS
    return reserved or stand_in or domain.rpartition(".")[2] in NO_DOMAINS


def international_phones(text: str) -> Iterator[tuple[int, int]]:
    """Give numbers with a country code."""
    # Numbers nobody has been given yet look like a customer's all the same.
    for match in phonenumbers.PhoneNumberMatcher(text, None, leniency=phonenumbers.Leniency.POSSIBLE):
        if not re.search(r"\d:\d\d(?::\d\d)?(?:[.,]\d+)?\s?$", text[max(0, match.start - 16) : match.start]):
            yield match.start, match.end
    for found in _LONG_FORM.finditer(text):
        if _digits(found[0]) > FEWEST_DIGITS:
            yield found.start(), found.end()


def national_phones(text: str) -> Iterator[tuple[int, int]]:
    """Give numbers without a country code: of a plain shape, or with a word beside them that says so."""
    for shape in PHONE_SHAPES:
        for match in shape.finditer(text):
            if not _counts_something(text, match.start()):
                yield match.start(), match.end()
    for match in NAMED_PHONE.finditer(text):
        number, start = match["number"], match.start("number")
        is_long_enough = FEWEST_DIGITS <= _digits(number) <= MOST_DIGITS
        if is_long_enough and not _NO_NUMBER.fullmatch(number) and not _counts_something(text, start):
            yield start, match.end("number")


def _counts_something(text: str, start: int) -> bool:
    return _NO_PHONE.search(text[max(0, start - 24) : start]) is not None


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)
