"""A ticket's text made ready for matching: the customer's own words, and nothing a mail program added."""

from __future__ import annotations

import re
import unicodedata

from kcs.search.ticket_text.blobs import shortened
from kcs.search.ticket_text.courtesies import without_courtesies
from kcs.search.ticket_text.hypertext import is_html, to_lines
from kcs.search.ticket_text.notices import without_notices
from kcs.search.ticket_text.quotes import unquoted
from kcs.search.ticket_text.signatures import unsigned
from kcs.search.ticket_text.traces import folded

# Characters of a body looked at: of what is longer, the rest is logs and attachments.
MOST_READ = 60_000
MOST_SOURCE = 1_000_000

# Each takes the text and returns it with less; one that would leave nothing is passed over.
_STEPS = (unquoted, folded, without_notices, unsigned, without_courtesies, shortened)

_BLANKS = re.compile(r"\n{3,}")
_UNSEEN = str.maketrans(
    dict.fromkeys("\u200b\ufeff\u2060\u00ad\x00") | {"\r": "\n", "\u2028": "\n", "\xa0": " "}
)
# What desks and mail programs put before a subject: reply and forward marks, ticket numbers, list names.
_SUBJECT_MARK = re.compile(
    r"\s*(?:(?:re|fwd?|fw|aw|wg|antw(?:ort)?|rv|res|enc|tr|r[ée]f|i|sv|vs|vl|ynt|odp|pd|bls|trs|תשובה|"
    r"הועבר|回复|回覆|"
    r"转发|轉寄|返信|転送|답장|전달)(?:\[\d{1,3}\])?\s?[:：]|\[(?:external|ext|ticket|case|"
    r"request)[^\]]{0,40}\]|"
    r"\[?(?:ticket|case|request) ?#\s?\d{1,12}\]?\s?[:-]?)",
    re.IGNORECASE,
)
_MOST_MARKS = 10


def ready(subject: str, body: str) -> str:
    """Return a ticket's subject and its first message as text for matching.

    The subject loses "Re:" and the like; see `readable` for the body. A subject that the body starts with is
    not repeated.
    """
    title = _bare_subject(subject)
    text = readable(body)
    return text if _starts_with(text, title) else f"{title}\n\n{text}".strip()


def readable(body: str) -> str:
    """Return the author's own words of a message, plain text or HTML.

    Left out: quoted mail, signatures, greetings and thanks, legal notices and footers, encoded data, lines
    said before. Folded: stack traces, logs, long addresses. What would leave nothing is not done; an empty
    result means an empty message. Reads the first 60,000 characters, in time that grows with their number.
    """
    text = to_lines(body[:MOST_SOURCE]) if is_html(body) else body
    text = unicodedata.normalize("NFC", text[:MOST_READ].replace("\r\n", "\n").translate(_UNSEEN))
    text = _BLANKS.sub("\n\n", text)
    for step in _STEPS:
        lessened = step(text)
        text = lessened if lessened.strip() else text
    return _BLANKS.sub("\n\n", _once(text)).strip()


def _starts_with(text: str, title: str) -> bool:
    rest = text[len(title) :]
    return text.casefold().startswith(title.casefold()) and not rest[:1].isalnum()


def _bare_subject(subject: str) -> str:
    bare = " ".join(subject.split())
    for _ in range(_MOST_MARKS):
        mark = _SUBJECT_MARK.match(bare)
        if not mark:
            break
        bare = bare[mark.end() :].strip()
    return bare or " ".join(subject.split())


def _once(text: str) -> str:
    """Each line once: what is repeated, as logs and forwarded threads do, would count several times."""
    seen: set[str] = set()
    kept = []
    for line in text.split("\n"):
        said = " ".join(line.split()).casefold()
        if said and said in seen:
            continue
        seen.add(said)
        kept.append(line.rstrip())
    return "\n".join(kept)
