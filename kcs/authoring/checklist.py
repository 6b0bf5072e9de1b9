"""The content standard as a table of rules, each tried on a text while it is written and once it is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kcs.articles.structure import Need
from kcs.authoring.rules import fields, links, thoughts, titles
from kcs.authoring.rules.found import Found
from kcs.authoring.typed import Draft
from kcs.people.models import Agent
from kcs.sentences import Sentence

LONG_TEXT = 20_000  # characters; a page should not wait for the slow rules beyond


class Level(StrEnum):
    """How much a rule matters."""

    NEEDED = "needed"
    ADVISED = "advised"


class Judges(StrEnum):
    """What a rule needs before it can be kept to: nothing is well said that is not said yet."""

    FORM = "form"
    TITLE = "title"
    TEXT = "text"

    def is_there(self, draft: Draft) -> bool:
        """Return whether anything of it is written."""
        match self:
            case Judges.FORM:
                return True
            case Judges.TITLE:
                return bool(draft.title.strip())
            case Judges.TEXT:
                return any(text.strip() for text in draft.parts.values())


@dataclass(frozen=True)
class Rule:
    """One sentence of the content standard, and what to do about it. A `slow` one reads the text closely."""

    id: str
    words: str
    level: Level
    hint: str
    test: Callable[[Draft, Agent], Iterator[Found]]
    judges: Judges
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

    Unless `patient`, the slow rules are left out for a text longer than `LONG_TEXT`. So are rules that find
    nothing because what they judge is still empty: they are not met either.
    """
    quick = not patient and sum(map(len, draft.parts.values())) > LONG_TEXT
    rules = [rule for rule in RULES if not (quick and rule.slow)]
    checks = [Check(rule, tuple(rule.test(draft, writer))) for rule in rules]
    told = (check for check in checks if check.found or check.rule.judges.is_there(draft))
    return sorted(told, key=lambda check: (check.met, check.rule.level is not Level.NEEDED))


RULES: tuple[Rule, ...] = (
    Rule(
        "title-says-it",
        Sentence("The title says what the customer sees or wants, and where"),
        Level.ADVISED,
        Sentence(
            "Write the main issue and the product or page, in the words customers use: at least three words."
        ),
        titles.short_title,
        Judges.TITLE,
    ),
    Rule(
        "title-length",
        Sentence("The title can be read at a glance"),
        Level.ADVISED,
        Sentence(
            "Keep to %(most)s characters: search results show no more.",
            most=titles.LONGEST_TITLE,
        ),
        titles.long_title,
        Judges.TITLE,
    ),
    Rule(
        "title-number",
        Sentence("The title holds no number of a ticket, bug or article"),
        Level.ADVISED,
        Sentence("Customers search for what they see, not for numbers: put those into the internal notes."),
        titles.numbered_title,
        Judges.TITLE,
    ),
    Rule(
        "title-capitals",
        Sentence("The title is not in capitals"),
        Level.ADVISED,
        Sentence("Write it as a sentence; capitals only where the product shows them."),
        titles.shouted_title,
        Judges.TITLE,
    ),
    Rule(
        "answer",
        Sentence("It answers something"),
        Level.NEEDED,
        Sentence("Without it the article stays work in progress."),
        fields.empty_fields(Need.ANSWER),
        Judges.FORM,
    ),
    Rule(
        "required",
        Sentence("Every required field is filled"),
        Level.NEEDED,
        Sentence("Nobody can validate the article without it."),
        fields.empty_fields(Need.REQUIRED),
        Judges.FORM,
    ),
    Rule(
        "advised",
        Sentence("The advised fields are filled"),
        Level.ADVISED,
        Sentence("Readers use it to see whether the article is about their case."),
        fields.empty_fields(Need.ADVISED),
        Judges.FORM,
    ),
    Rule(
        "links-exist",
        Sentence("Linked articles exist"),
        Level.NEEDED,
        Sentence("Choose the article anew with the link button."),
        links.missing_articles,
        Judges.TEXT,
        slow=True,
    ),
    Rule(
        "links-open",
        Sentence("Readers outside may follow every link"),
        Level.NEEDED,
        Sentence(
            "This article is public: link a public one, publish that one first, or link it in an inside "
            "field."
        ),
        links.closed_articles,
        Judges.TEXT,
        slow=True,
    ),
    Rule(
        "addresses",
        Sentence("Addresses are complete"),
        Level.NEEDED,
        Sentence("Write the whole address, beginning with https://."),
        links.broken_addresses,
        Judges.TEXT,
        slow=True,
    ),
    Rule(
        "personal",
        Sentence("It holds nobody's personal data"),
        Level.NEEDED,
        Sentence(
            "Write what a customer is, not who: no names, addresses, numbers, passwords. It blocks "
            "publishing."
        ),
        fields.personal_data,
        Judges.TEXT,
        slow=True,
    ),
    Rule(
        "one-question",
        Sentence("It is about one thing"),
        Level.ADVISED,
        Sentence(
            "Give each question an article of its own: each is then found, linked and counted by itself."
        ),
        thoughts.many_questions,
        Judges.TEXT,
    ),
    Rule(
        "one-answer",
        Sentence("It has one answer of a length people read"),
        Level.ADVISED,
        Sentence(
            "One numbered list, at most %(most)s words; give another way or case its own article.",
            most=thoughts.LONGEST_RESOLUTION,
        ),
        thoughts.many_answers,
        Judges.TEXT,
    ),
    Rule(
        "short-thoughts",
        Sentence("Short, complete thoughts"),
        Level.ADVISED,
        Sentence("One thought a sentence; break long sentences up, make steps a list."),
        thoughts.long_thoughts,
        Judges.TEXT,
    ),
)
