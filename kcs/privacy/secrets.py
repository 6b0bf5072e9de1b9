"""Keys, tokens and passwords: what opens something for whoever reads it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

# Forms the issuers gave their keys so that they can be found.
ISSUED = (
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16}",  # AWS
    r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255}",  # GitHub
    r"glpat-[\w-]{20,64}",  # GitLab
    r"xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-\d-[A-Za-z0-9-]{10,255}",  # Slack
    r"https://hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,}",
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/=]{20,}",  # Stripe
    r"AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}",  # Google
    r"SG\.[\w-]{16,}\.[\w-]{16,}",  # SendGrid
    r"npm_[A-Za-z0-9]{36}|pypi-[\w-]{32,}|dop_v1_[0-9a-f]{64}|hf_[A-Za-z0-9]{30,}",
    r"sk-(?:proj-|ant-)?[\w-]{32,}",
    r"\d{8,10}:AA[\w-]{33}",  # Telegram
    r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",  # Shopify
    r"EAAC\w{40,}",
    r"eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]{5,})?",  # JSON web tokens
)
TOKEN = re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(ISSUED)})(?![A-Za-z0-9_])")
PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[\s\S]{0,20000}?-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s]{0,20000})"
)
BEARER = re.compile(r"\b(?:bearer|basic)\s+(?P<value>[A-Za-z0-9._~+/-]{16,}={0,2})", re.I)
IN_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@<>\[{$]{0,64}:(?P<value>[^\s:/@<>{}$\[\]*]{4,128})@", re.I
)

NAMES_OF_PASSWORDS = (
    r"password|passwd|passphrase|pwd|passcode|passwort|kennwort|contraseña|clave(?: de acceso)?|"
    r"mot de passe|kata sandi|sandi|"
    r"senha|palavra-passe|wachtwoord|hasło|пароль|סיסמה|סיסמא|"
    r"密码|密碼|パスワード|비밀번호|كلمة المرور|"
    r"pin(?: code)?|otp|"
    r"db_pass(?:word)?|[a-z]{1,20}_pass(?:word|wd)?"
)
_JOINT = (
    r"[\"'”*`]{0,3}\s{0,2}(?:(?:is|was|ist|lautet|es|est|adalah|é|era|היא|هي|是|为|は)(?![^\W_])\s{0,2}:?|"
    r"[:=：]{1,2}>?|：|は|是)\s{0,3}"
)
# "The password for the router is …"
_WHOSE = r"(?:\s(?:for|of|to|zu|zum|für|de|del|da|do|para|pour|untuk)(?:\s[\w'’.-]{1,20}){1,3})?"
_QUOTE = r"[\"'“”„«`]{0,2}"
PASSWORD = re.compile(
    rf"(?<![A-Za-z0-9\u00c0-\u052f])(?:{NAMES_OF_PASSWORDS}){_WHOSE}{_JOINT}{_QUOTE}(?P<value>[^\s\"'“”„«»`<>\[\]{{}}|,;\u3000-\u9fff\uac00-\ud7af]{{4,128}})",
    re.I,
)
PIN = re.compile(r"\b(?:pin(?: code)?|passcode|otp)\s?[:=#]?\s?(?P<value>\d{4,8})\b", re.I)
_PLACEHOLDER = re.compile(
    r"[$%{<\[(*#]|.*(?:\*\*\*|\.\.\.|…|xxx|\$\{)|your|my_?pass|example|placeholder|changeme|os\.|env|"
    r"process\.|getenv|self\.|config"
    r"|https?:|/|.*\(|.*[()]",
    re.I,
)

KEY_WORDS = (
    r"api[ _-]?keys?|api[ _-]?secret|access[ _-]?(?:key|token)(?:[ _-]?id)?|"
    r"secret(?:[ _-]?(?:access[ _-]?)?key)?|token|"
    r"client[ _-]?secret|credentials?|auth(?:orization)?|license[ _-]?key|licence[ _-]?key|"
    r"private[ _-]?key|session(?:[ _-]?(?:id|key))?|"
    r"api-schlüssel|schlüssel|clave(?: api| secreta)?|llave|clé(?: api| secrète)?|jeton|kunci(?: api)?|"
    r"chave(?: de api| api)?|"
    r"מפתח|אסימון|密钥|令牌|キー|トークン"
)
RANDOM = re.compile(
    rf"(?<![A-Za-z0-9\u00c0-\u052f])(?:[A-Za-z]{{1,20}}[_-])?(?:{KEY_WORDS})"
    rf"(?:[ _-]?(?:value|header))?{_JOINT}{_QUOTE}"
    r"(?P<value>[A-Za-z0-9+/_.~-]{16,200}={0,2})(?![A-Za-z0-9_])",
    re.I,
)
_NO_SECRET = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[a-z]+(?:[._/-][a-z]+)*|https?[.:/].*|sha\d+-.*|"
    r"\d+(?:[.-]\d+)*",
    re.I,
)
LEAST_ENTROPY = 3.0  # bits for each character; words of a language have less over such a length


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Give keys in their issuers' forms, bearer tokens, private keys and passwords within addresses."""
    yield from (match.span() for pattern in (TOKEN, PRIVATE_KEY) for match in pattern.finditer(text))
    for match in BEARER.finditer(text):
        if _is_random(match["value"]):
            yield match.span("value")
    for match in IN_ADDRESS.finditer(text):
        if not _is_placeholder(match["value"]):
            yield match.span("value")


def passwords(text: str) -> Iterator[tuple[int, int]]:
    """Give what stands after the word for a password and looks like one: letters with digits or signs."""
    for match in PASSWORD.finditer(text):
        value = match["value"].rstrip(".?:)。、")
        if looks_chosen(value):
            yield match.start("value"), match.start("value") + len(value)
    yield from (match.span("value") for match in PIN.finditer(text))


def random_strings(text: str) -> Iterator[tuple[int, int]]:
    """Give long strings without pattern that are named as a key, token or secret."""
    return (match.span("value") for match in RANDOM.finditer(text) if _is_random(match["value"]))


def looks_chosen(value: str) -> bool:
    """Return whether somebody chose this as a password: no plain word, no placeholder, no description."""
    if len(value) < 4 or _PLACEHOLDER.match(value):
        return False
    has_digit, has_letter = bool(re.search(r"\d", value)), bool(re.search(r"[^\W\d_]", value))
    has_sign = re.search(r"[^\w]", value.rstrip("!")) is not None and not re.fullmatch(r"[\w-]+", value)
    return (has_digit and (has_letter or has_sign or len(value) <= 8)) or (
        has_letter and has_sign and len(value) > 5
    )


def _is_placeholder(value: str) -> bool:
    return _PLACEHOLDER.match(value) is not None or value.lower() in (
        "pass",
        "password",
        "passwort",
        "secret",
        "pwd",
    )


def _is_random(value: str) -> bool:
    if _NO_SECRET.fullmatch(value) or _PLACEHOLDER.match(value) or not re.search(r"\d", value):
        return False
    counts = Counter(value)
    entropy = -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
    return entropy >= LEAST_ENTROPY
