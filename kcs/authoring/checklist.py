"""The content standard as a table of rules, each tried on a text while it is written and once it is saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from kcs.articles.layout import may_read
from kcs.articles.structure import Need
from kcs.authoring.links import Target, is_public, links_in, targets_of
from kcs.authoring.typed import Draft
from kcs.people.models import Agent
from kcs.privacy.gate import check_text
from workflow.article import Audience

LONGEST_TITLE = 125
SHORTEST_TITLE = 15
FEWEST_WORDS = 3
LONGEST_RESOLUTION = 450  # words
LONGEST_SENTENCE = 40  # words
LONGEST_PARAGRAPH = 120  # words
LONG_TEXT = 20_000  # characters; a page should not wait for the slow rules beyond


class Level(StrEnum):
    """How much a rule matters."""

    NEEDED = "needed"
    ADVISED = "advised"


@dataclass(frozen=True)
class Found:
    """Where a rule is not met: the field, and what stands there."""

    field: str
    words: str = ""


@dataclass(frozen=True)
class Rule:
    """One sentence of the content standard, and what to do about it. A `slow` one reads the text closely."""

    id: str
    words: str
    level: Level
    hint: str
    test: Callable[[Draft, Agent], Iterator[Found]]
    slow: bool = False


@dataclass(frozen=True)
class Check:
    """A rule as it stands for one text."""

    rule: Rule
    found: tuple[Found, ...]

    @property
    def met(self) -> bool:
        """Whether the text keeps to the rule."""
        return not self.found


def examine(draft: Draft, writer: Agent, *, patient: bool = False) -> list[Check]:
    """Return every rule with where the text does not keep to it, the unmet ones first.

    Unless `patient`, the slow rules are left out for a text longer than `LONG_TEXT`.
    """
    quick = not patient and sum(map(len, draft.parts.values())) > LONG_TEXT
    rules = [rule for rule in RULES if not (quick and rule.slow)]
    checks = [Check(rule, tuple(rule.test(draft, writer))) for rule in rules]
    return sorted(checks, key=lambda check: (check.met, check.rule.level is not Level.NEEDED))


# ---- The title --------------------------------------------------------------------------------------

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NUMBER = re.compile(
    r"\b(?:bug|ticket|case|issue|incident|request|kb|sr)[\s#:-]*\d{2,}\b|#\d{2,}|\b[A-Z]{2,10}-\d{2,}\b",
    re.IGNORECASE,
)


def _short_title(draft: Draft, _writer: Agent) -> Iterator[Found]:
    title = draft.title.strip()
    if len(_UNSPACED.findall(title)) >= 4:
        return
    if len(title) < SHORTEST_TITLE or len(_WORD.findall(title)) < FEWEST_WORDS:
        yield Found("title", title)


def _long_title(draft: Draft, _writer: Agent) -> Iterator[Found]:
    if len(draft.title) > LONGEST_TITLE:
        yield Found("title", f"{len(draft.title)} characters")


def _numbered_title(draft: Draft, _writer: Agent) -> Iterator[Found]:
    found = _NUMBER.search(draft.title)
    if found:
        yield Found("title", found.group())


def _shouted_title(draft: Draft, _writer: Agent) -> Iterator[Found]:
    letters = [sign for sign in draft.title if sign.isalpha()]
    shouted = [sign for sign in letters if sign.isupper()]
    if len(letters) > 8 and len(shouted) > 0.7 * len(letters):
        yield Found("title", draft.title)


# ---- The fields -------------------------------------------------------------------------------------


def _empty(need: Need) -> Callable[[Draft, Agent], Iterator[Found]]:
    def test(draft: Draft, writer: Agent) -> Iterator[Found]:
        for field in draft.template.fields:
            if field.need is need and may_read(field, writer) and not draft.part(field.name).strip():
                yield Found(field.name, field.label)

    return test


# ---- Links ------------------------------------------------------------------------------------------


def _missing_articles(draft: Draft, writer: Agent) -> Iterator[Found]:
    links = [link for link in links_in(draft.parts) if link.key]
    targets = targets_of((link.key for link in links), writer)
    for link in links:
        if targets[link.key] is Target.MISSING:
            yield Found(link.field, link.key)


def _closed_articles(draft: Draft, writer: Agent) -> Iterator[Found]:
    article = draft.article
    if article is None or not is_public(article):
        return
    outside = [link for link in links_in(draft.parts) if link.key and _goes_outside(draft, link.field)]
    targets = targets_of((link.key for link in outside), writer)
    for link in outside:
        if targets[link.key] is Target.INSIDE:
            yield Found(link.field, link.key)


def _goes_outside(draft: Draft, name: str) -> bool:
    field = draft.template.field(name)
    return field is not None and field.readable_at(Audience.PARTNER)


# ---- Personal data ----------------------------------------------------------------------------------


def _personal(draft: Draft, _writer: Agent) -> Iterator[Found]:
    outside = {name: text for name, text in draft.parts.items() if _goes_outside(draft, name)}
    found = check_text(draft.article, draft.title, outside, draft.tags, own_contacts=draft.own_contacts)
    for each in found:
        if each.blocks:
            yield Found(each.field, f"{each.kind}: {each.value}")


def _broken_addresses(draft: Draft, _writer: Agent) -> Iterator[Found]:
    for link in links_in(draft.parts):
        if not link.key and not _is_address(link.address):
            yield Found(link.field, link.address)


def _is_address(address: str) -> bool:
    if address.startswith(("#", "/")):
        return True
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path
    return parts.scheme in ("http", "https") and ("." in host or host == "localhost") and " " not in address


# ---- One topic, short and complete thoughts -----------------------------------------------------------

_QUESTION = re.compile(r"^#{1,6}[ \t].*[?？]\s*$", re.MULTILINE)
_NUMBERED = re.compile(r"^1[.)][ \t]", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n")
_BEGINS_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)]|>|\||#)", re.MULTILINE)


def _many_questions(draft: Draft, _writer: Agent) -> Iterator[Found]:
    for name, text in draft.parts.items():
        if name != "questions" and len(_QUESTION.findall(text)) > 1:
            yield Found(name, f"{len(_QUESTION.findall(text))} questions")


def _many_answers(draft: Draft, _writer: Agent) -> Iterator[Found]:
    for name in _answers(draft):
        text = _FENCED.sub("", draft.part(name))
        lists = len(_NUMBERED.findall(text))
        if lists > 1:
            yield Found(name, f"{lists} numbered lists")
        words = len(text.split())
        if words > LONGEST_RESOLUTION:
            yield Found(name, f"{words} words")


def _answers(draft: Draft) -> list[str]:
    return [field.name for field in draft.template.fields if field.need is Need.ANSWER]


def _long_thoughts(draft: Draft, _writer: Agent) -> Iterator[Found]:
    for field in draft.template.fields:
        text = _FENCED.sub("", draft.part(field.name))
        long = max((len(each.split()) for each in _SENTENCE.split(text)), default=0)
        if long > LONGEST_SENTENCE:
            yield Found(field.name, f"a sentence of {long} words")
            continue
        blocks = (block for block in text.split("\n\n") if not _BEGINS_ITEM.search(block))
        long = max((len(block.split()) for block in blocks), default=0)
        if long > LONGEST_PARAGRAPH:
            yield Found(field.name, f"a paragraph of {long} words")


RULES: tuple[Rule, ...] = (
    Rule(
        "title-says-it",
        "The title says what the customer sees or wants, and where",
        Level.ADVISED,
        "Write the main issue and the product or page, in the words customers use: at least three words.",
        _short_title,
    ),
    Rule(
        "title-length",
        "The title can be read at a glance",
        Level.ADVISED,
        f"Keep to {LONGEST_TITLE} characters: search results show no more.",
        _long_title,
    ),
    Rule(
        "title-number",
        "The title holds no number of a ticket, bug or article",
        Level.ADVISED,
        "Customers search for what they see, not for numbers: put those into the internal notes.",
        _numbered_title,
    ),
    Rule(
        "title-capitals",
        "The title is not in capitals",
        Level.ADVISED,
        "Write it as a sentence; capitals only where the product shows them.",
        _shouted_title,
    ),
    Rule(
        "answer",
        "It answers something",
        Level.NEEDED,
        "Without it the article stays work in progress.",
        _empty(Need.ANSWER),
    ),
    Rule(
        "required",
        "Every required field is filled",
        Level.NEEDED,
        "Nobody can validate the article without it.",
        _empty(Need.REQUIRED),
    ),
    Rule(
        "advised",
        "The advised fields are filled",
        Level.ADVISED,
        "Readers use it to see whether the article is about their case.",
        _empty(Need.ADVISED),
    ),
    Rule(
        "links-exist",
        "Linked articles exist",
        Level.NEEDED,
        "Choose the article anew with the link button.",
        _missing_articles,
        slow=True,
    ),
    Rule(
        "links-open",
        "Readers outside may follow every link",
        Level.NEEDED,
        "This article is public: link a public one, publish that one first, or link it in an inside field.",
        _closed_articles,
        slow=True,
    ),
    Rule(
        "addresses",
        "Addresses are complete",
        Level.NEEDED,
        "Write the whole address, beginning with https://.",
        _broken_addresses,
        slow=True,
    ),
    Rule(
        "personal",
        "It holds nobody's personal data",
        Level.NEEDED,
        "Write what a customer is, not who: no names, addresses, numbers, passwords. It blocks publishing.",
        _personal,
        slow=True,
    ),
    Rule(
        "one-question",
        "It is about one thing",
        Level.ADVISED,
        "Give each question an article of its own: each is then found, linked and counted by itself.",
        _many_questions,
    ),
    Rule(
        "one-answer",
        "It has one answer of a length people read",
        Level.ADVISED,
        f"One numbered list, at most {LONGEST_RESOLUTION} words; give another way or case its own article.",
        _many_answers,
    ),
    Rule(
        "short-thoughts",
        "Short, complete thoughts",
        Level.ADVISED,
        "One thought a sentence; break long sentences up, make steps a list.",
        _long_thoughts,
    ),
)
