"""Numbers that belong to a person: cards, accounts, identity papers, customer and order numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum import iban, luhn
from stdnum.br import cpf
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.de import idnr as german
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.id import nik
from stdnum.il import idnr as israeli
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.pt import nif
from stdnum.us import ssn

CARD = re.compile(r"(?<![\w.-])[2-6](?:[ -]?\d){12,18}(?![\w-]|\.\d)", re.ASCII)
# First digits and lengths of the schemes that number their cards so.
SCHEMES = (
    (re.compile(r"4"), (16, 19)),
    (re.compile(r"5[1-5]|2[2-7]"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"6(?:011|4[4-9]|5)"), (16, 19)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16,)),
    (re.compile(r"3(?:0[0-5]|[68])"), (14,)),
    (re.compile(r"62|81"), (16, 17, 18, 19)),
    (re.compile(r"5018|5020|5038|6304|6759|676[1-3]"), (16, 18, 19)),
)

IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,30}", re.I)
IBAN_LENGTHS = range(34, 14, -1)
NAMED_IBAN = re.compile(
    r"\biban\b\W{0,6}(?P<value>[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?)\b", re.I
)

NEAR = 60  # how far off, in characters, a word still says what a number is


@dataclass(frozen=True)
class IdKind:
    """One country's number for people. `plain`: its shape and check digits need no word beside them.

    With a word right before it a number of the shape counts even when a digit was mistyped.
    """

    words: str
    shape: str
    is_valid: Callable[[str], bool]
    plain: bool = False

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Give the numbers of this kind."""
        for match in re.finditer(
            rf"(?<![A-Za-z0-9_-])(?:{self.shape})(?![A-Za-z0-9_-])", text, re.IGNORECASE
        ):
            if self._holds(text, match):
                yield match.start(), match.end()

    def _holds(self, text: str, match: re.Match[str]) -> bool:
        word = rf"(?:(?<![^\W_])(?:{self.words})(?![^\W_])|(?:{self.words})[:：=#])"
        right_before = text[max(0, match.start() - NEAR) : match.start()]
        if re.search(
            rf"{word}[^\w\n]{{0,5}}(?:\w{{1,8}}[^\w\n]{{1,3}}){{0,3}}$", right_before, re.IGNORECASE
        ):
            return True
        if not self.is_valid(match[0]):
            return False
        around = text[max(0, match.start() - NEAR) : match.end() + NEAR]
        return self.plain or re.search(word, around, re.IGNORECASE) is not None


ID_KINDS = (
    IdKind(
        r"ssn|social security(?: (?:number|no\.?|#))?",
        r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}|\d{9}",
        ssn.is_valid,
    ),
    IdKind(r"dni|nif|documento|d\.n\.i\.", r"\d{8}[ -]?[A-Z]|\d{2}\.\d{3}\.\d{3}(?:-?[A-Z])?", dni.is_valid),
    IdKind(r"nie|n\.i\.e\.|extranjero", r"[XYZ][ -]?\d{7}[ -]?[A-Z]", nie.is_valid, plain=True),
    IdKind(
        r"israeli id|id (?:number|no\.?)|identity (?:number|card)|teudat zehut|t\.?z\.?|תעודת זהות|ת\.ז\.?|"
        r"ת\"ז|ת״ז|מספר זהות",
        r"\d{9}|\d{8}-\d|\d-\d{7}-\d",
        israeli.is_valid,
    ),
    IdKind(
        r"steuer-?id(?:nr|entifikationsnummer)?\.?|steuerliche identifikationsnummer|"
        r"identifikationsnummer|idnr\.?|german tax id",
        r"\d{2} ?\d{3} ?\d{3} ?\d{3}",
        german.is_valid,
    ),
    IdKind(
        r"personalausweis\w*|ausweis\w*|reisepass\w*",
        r"[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d?",
        lambda _: False,
    ),
    IdKind(
        r"sécurité sociale|n° ?sécu|numéro de sécu|nir|insee",
        r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3}(?: ?\d{2})?",
        nir.is_valid,
    ),
    IdKind(
        r"codice fiscale|c\.f\.",
        r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]",
        codicefiscale.is_valid,
        plain=True,
    ),
    IdKind(r"cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf.is_valid, plain=True),
    IdKind(r"cpf", r"\d{11}", cpf.is_valid),
    IdKind(r"nif|contribuinte", r"[1-3]\d{8}|[1-3]\d{2} \d{3} \d{3}", nif.is_valid),
    IdKind(r"pesel", r"\d{11}", pesel.is_valid),
    IdKind(r"bsn|burgerservicenummer|sofinummer", r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}", bsn.is_valid),
    IdKind(
        r"national insurance(?: (?:number|no\.?))?|nino|ni number",
        r"[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
        lambda _: False,
    ),
    IdKind(r"身份证号?码?|身分證|id card", r"\d{17}[\dX]", ric.is_valid, plain=True),
    IdKind(r"aadhaar|aadhar|आधार", r"\d{4}[ -]?\d{4}[ -]?\d{4}", aadhaar.is_valid),
    IdKind(r"nik|ktp|nomor induk(?: kependudukan)?", r"\d{16}", nik.is_valid),
    IdKind(r"curp", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", curp.is_valid, plain=True),
    IdKind(r"rut|run|r\.u\.t\.", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", rut.is_valid, plain=True),
    IdKind(r"주민등록번호|주민번호", r"\d{6}-[1-4]\d{6}", rrn.is_valid, plain=True),
    IdKind(r"マイナンバー|個人番号|my number", r"\d{4}[ -]?\d{4}[ -]?\d{4}", lambda _: False),
    IdKind(
        r"passport(?: (?:number|no\.?|#))?|pasaporte|reisepass(?:nummer|nr\.?)?|passeport|paspor|"
        r"passaporte|דרכון|护照号?|パスポート番号",
        r"[A-Z]{0,3}\d{6,9}",
        lambda _: False,
    ),
    IdKind(
        r"driv(?:er'?s|ing) licen[cs]e(?: (?:number|no\.?))?|führerschein(?:nummer|nr\.?)?|"
        r"permiso de conducir|permis de conduire|\bSIM",
        r"[A-Z]{0,5}\d{6,12}[A-Z0-9]{0,5}",
        lambda _: False,
    ),
)

ACCOUNT_WORDS = (
    r"order|customer|client|account|acct|invoice|contract|policy|booking|reservation|member(?:ship)?|"
    r"subscri(?:ber|ption)|patient|"
    r"student|employee|tracking|shipment|loyalty|pedido|cliente|cuenta|factura|contrato|reserva|socio|"
    r"póliza|bestell|auftrags?|"
    r"kunden|konto|rechnungs?|vertrags?|buchungs?|mitglieds?|sendungs?|commande|compte|facture|contrat|"
    r"réservation|adhérent|dossier|"
    r"pesanan|pelanggan|akun|rekening|faktur|tagihan|kontrak|conta|fatura|encomenda|assinatura|ordine|"
    r"fattura|klant|bestelling|factuur"
)
NUMBER_WORDS = (
    r"numbers?|no\.?|nr\.?|num\.?|id|ids|code|ref(?:erence)?\.?|número|núm\.?|n[º°]\.?|nummer|-nr\.?|"
    r"numéro|numero|nomor|kode|#"
)
_VALUE = (
    r"(?P<value>(?=[A-Z0-9/-]{0,12}\d)[A-Z]{0,4}[-/]?\d[A-Z0-9]{0,20}(?:[-/]\d[A-Z0-9]{0,12}){0,3})"
    r"(?![A-Za-z0-9_])"
)
_JOINT = r"\W{0,4}(?:(?:is|was|lautet|ist|es|est|era|adalah|é|:|=|#)\W{0,3})?"
_OF_WHOM = r"(?:(?:of|de|del|da|do|di|van|der) )?(?:la |su |mi |votre |your |my )?"
_ASIAN_WORDS = (
    r"订单|訂單|客户|客戶|账户|账号|会员|合同|运单|注文|お?客様|会員|契約|予約|伝票|顧客|주문|고객|회원"
)
_ASIAN_NUMBER = r"(?:编号|編號|号码|番号|번호|号|ID)?"
_HEBREW_WORDS = r"ה?הזמנה|ה?לקוח|ה?חשבון|ה?חשבונית|ה?מנוי"
NAMED_ACCOUNTS = tuple(
    re.compile(rf"(?:{words}){_JOINT}{_VALUE}", re.I)
    for words in (
        rf"(?<![^\W_])(?:{ACCOUNT_WORDS})[ \-_]?(?:{NUMBER_WORDS})",
        rf"(?<![^\W_])(?:{NUMBER_WORDS}) {_OF_WHOM}(?:{ACCOUNT_WORDS})(?: (?:saya|anda|ini))?",
        rf"(?:מספר|מס'|מס׳) ?(?:{_HEBREW_WORDS})|(?:{_HEBREW_WORDS}) (?:מספר|מס'|מס׳)",
        rf"(?:{_ASIAN_WORDS}){_ASIAN_NUMBER}",
    )
)
FEWEST_ACCOUNT_DIGITS = 5
# "Order 12345678 is late": without a word for number only a long one.
BARE_ACCOUNT = re.compile(
    r"(?<![^\W_])(?:order|invoice|booking|contract|pedido|factura|contrato|bestellung|auftrag|rechnung|vertrag|"
    rf"commande|facture|pesanan|faktur|encomenda|fatura|ordine|fattura|bestelling|factuur)\s#?{_VALUE}",
    re.I,
)
FEWEST_BARE_DIGITS = 6


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Give numbers of payment cards: a scheme's first digits and length, and the check digit."""
    for match in CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _is_card(digits):
            yield match.start(), match.end()


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Give account numbers with their country and check digits; after their name whatever the check says."""
    for match in IBAN.finditer(text):
        value = match[0]
        for end in range(len(value), 14, -1):
            compact = re.sub(r"[ -]", "", value[:end])
            if len(compact) in IBAN_LENGTHS and value[end - 1].isalnum() and iban.is_valid(compact):
                yield match.start(), match.start() + end
                break
    yield from (match.span("value") for match in NAMED_IBAN.finditer(text))


def national_ids(text: str) -> Iterator[tuple[int, int]]:
    """Give identity, tax and insurance numbers of people."""
    for kind in ID_KINDS:
        yield from kind.find(text)


def accounts(text: str) -> Iterator[tuple[int, int]]:
    """Give numbers a company knows a customer or an order by, named as such."""
    forms = [*((form, FEWEST_ACCOUNT_DIGITS) for form in NAMED_ACCOUNTS), (BARE_ACCOUNT, FEWEST_BARE_DIGITS)]
    for form, fewest in forms:
        for match in form.finditer(text):
            if sum(char.isdigit() for char in match["value"]) >= fewest:
                yield match.span("value")


def _is_card(digits: str) -> bool:
    fits = any(start.match(digits) and len(digits) in lengths for start, lengths in SCHEMES)
    return fits and luhn.is_valid(digits) and len(set(digits)) > 1
