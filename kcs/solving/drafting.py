"""Draft an article's text from a ticket: nothing typed twice, nothing personal taken over.

Issue: the customer's own words. Environment: what the ticket says about product and set-up. Resolution:
the agent's last public reply before solving. Cause: where somebody named one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from mailparser_reply import EmailReplyParser

from kcs.articles.structure import Need, Template
from kcs.language.guess import primary
from kcs.ports import AuthorKind
from kcs.privacy.finding import Kind
from kcs.privacy.gate import mask
from kcs.tickets.models import Message, Requester, Ticket

NOTES = "notes"
# Written differently in different places: their readers want the one or the other.
REGIONS_MATTER = frozenset({"pt", "zh"})
LANGUAGES = ["en", "de", "es", "fr", "it", "nl", "pl", "da", "sv", "cs"]
ENVIRONMENT_WORDS = (
    "product|version|release|build|browser|app|platform|device|os|operating system|system|plan|edition|"
    "environment|versión|navegador|dispositivo|sistema|versi|peramban|perangkat"
)

_ENVIRONMENT = re.compile(rf"^[ \t>*-]*((?:{ENVIRONMENT_WORDS})[ \t]*[:=][ \t]*\S.*)$", re.IGNORECASE | re.M)
_CAUSE = re.compile(r"^[ \t>*-]*(?:root )?cause[ \t]*:[ \t]*(\S.*)$", re.IGNORECASE | re.M)
# The greeting's own line: up to five words and a comma or the like, or a single word without.
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hola|buen[oa]s \w+|estimad[oa]s?|"
    r"querid[oa]s?|hallo|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|liebe[rs]?|halo|selamat \w+|שלום)\b"
    r"(?:(?:[ \t]+[^\s,!:]+){0,5}[ \t]*[,!:]+|(?:[ \t]+[^\s,!:]+)?)[ \t]*\n+",
    re.IGNORECASE,
)
# What mail programs write above the mail they quote; the parser misses an address in brackets.
_QUOTED = re.compile(
    r"\n[ \t>]*(?:on|el|am|le|il|op|w dniu|den|dne)\b[^\n]{0,200}@[^\n]{0,120}"
    r"(?:wrote|escribió|schrieb|a écrit|ha scritto|schreef|napisał\(?a?\)?|skrev|napsal\(?a?\)?)\s*:.*",
    re.IGNORECASE | re.DOTALL,
)
_ONLY_MASKED = re.compile(rf"[\s>*|,;:–-]*(?:\[(?:{'|'.join(Kind)})\][\s>*|,;:–-]*)+")
_CLOSINGS = (
    r"(?:with )?(?:(?:best|kind|warm|many)\s+)?(?:regards|wishes)",
    r"thanks(?: (?:again|a lot|so much|in advance))?|thank you|cheers|sincerely|best",
    r"saludos(?: cordiales)?|un saludo|(?:muchas )?gracias",
    r"salam(?: hormat)?|terima kasih|בברכה|תודה",
)
_CLOSING = re.compile(
    rf"\n\s*(?:{'|'.join(_CLOSINGS)})[ \t]*[,.!]?[ \t]*\n(?:[^\n]{{0,80}}(?:\n|$)){{1,8}}\s*$", re.IGNORECASE
)


def compose(ticket: Ticket, messages: Iterable[Message]) -> tuple[str, dict[str, str]]:
    """Return title and parts for a draft from this ticket, masked and without quoted mail or signatures."""
    ordered = list(messages)
    parts = {
        "issue": _issue(ticket, ordered),
        "environment": _environment(ticket, ordered),
        "resolution": _resolution(ticket, ordered),
        "cause": _cause(ordered),
    }
    masked = {name: masked_lines(text, ticket.requester) for name, text in parts.items()}
    return mask(ticket.subject, ticket.requester), {name: text for name, text in masked.items() if text}


def fitted(parts: Mapping[str, str], template: Template) -> dict[str, str]:
    """Return the parts as a template's fields; what it has no field for goes into its notes or its answer."""
    names = [field.name for field in template.fields]
    answer = next(field.name for field in template.fields if field.need is Need.ANSWER)
    rest_in = NOTES if NOTES in names else answer
    kept = {name: text for name, text in parts.items() if name in names}
    rest = [f"**{name.capitalize()}**\n\n{text}" for name, text in parts.items() if name not in names]
    if rest:
        kept[rest_in] = "\n\n".join([*([kept[rest_in]] if rest_in in kept else []), *rest])
    return kept


def masked_lines(text: str, requester: Requester | None) -> str:
    """Mask personal values; a line that held nothing else, as in a signature, is left out."""
    lines = mask(text, requester).splitlines()
    return "\n".join(line for line in lines if not _ONLY_MASKED.fullmatch(line)).strip()


def own_words(body: str) -> str:
    """Return what the author wrote in this message: no quoted mail, signature, greeting or closing."""
    body = _QUOTED.sub("", body.replace("\r\n", "\n"))
    replies = EmailReplyParser(languages=LANGUAGES).read(body).replies
    text = (replies[0].body or replies[0].content or "") if replies else body
    text = _CLOSING.sub("\n", _GREETING.sub("", text.strip() + "\n"))
    return text.strip()


def locale_of(ticket: Ticket) -> str:
    """Return the language to write in: as short as articles name it, with its region where that matters."""
    said = ticket.locale or "en"
    return said if primary(said) in REGIONS_MATTER else primary(said)


def tags_of(ticket: Ticket) -> list[str]:
    """Return the ticket's tags in alphabetical order, those that name the requester left out."""
    return [tag for tag in sorted(ticket.tags) if mask(tag, ticket.requester) == tag]


def _issue(ticket: Ticket, messages: list[Message]) -> str:
    customer = [
        message for message in messages if message.author_kind is AuthorKind.REQUESTER and message.public
    ]
    return own_words(customer[0].body) if customer else ticket.subject


def _environment(ticket: Ticket, messages: list[Message]) -> str:
    customer = [message.body for message in messages if message.author_kind is AuthorKind.REQUESTER]
    lines = [match.strip() for body in customer for match in _ENVIRONMENT.findall(body)]
    lines += _named(ticket.fields)
    return "\n".join(f"- {line}" for line in dict.fromkeys(lines))


def _named(fields: Mapping[str, str]) -> list[str]:
    """Custom fields whose name says something; a bare number is the desk's own id for one."""
    return [f"{name}: {value}" for name, value in fields.items() if not name.isdecimal()]


def _resolution(ticket: Ticket, messages: list[Message]) -> str:
    limit = ticket.solved_at
    replies = [message for message in messages if message.author_kind is AuthorKind.AGENT and message.public]
    before = [message for message in replies if _not_after(message.created_at, limit)]
    chosen = before or replies
    return own_words(chosen[-1].body) if chosen else ""


def _not_after(moment: datetime, limit: datetime | None) -> bool:
    return limit is None or moment <= limit


def _cause(messages: list[Message]) -> str:
    found = [
        match.strip()
        for message in messages
        if message.author_kind is AuthorKind.AGENT
        for match in _CAUSE.findall(message.body)
    ]
    return found[-1] if found else ""
