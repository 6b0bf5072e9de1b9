"""What the content standard asks of the text itself: one topic, short and complete thoughts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kcs.articles.structure import Need
from kcs.authoring.rules.found import Found
from kcs.authoring.typed import Draft
from kcs.people.models import Agent
from kcs.sentences import Sentence, counted

LONGEST_RESOLUTION = 450  # words
LONGEST_SENTENCE = 40  # words
LONGEST_PARAGRAPH = 120  # words

_QUESTION = re.compile(r"^#{1,6}[ \t].*[?？]\s*$", re.MULTILINE)
_NUMBERED = re.compile(r"^1[.)][ \t]", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n")
_BEGINS_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)]|>|\||#)", re.MULTILINE)


def many_questions(draft: Draft, _writer: Agent) -> Iterator[Found]:
    for name, text in draft.parts.items():
        if name != "questions" and len(_QUESTION.findall(text)) > 1:
            yield Found(name, Sentence("%(number)s questions", number=len(_QUESTION.findall(text))))


def many_answers(draft: Draft, _writer: Agent) -> Iterator[Found]:
    for name in _answers(draft):
        text = _FENCED.sub("", draft.part(name))
        lists = len(_NUMBERED.findall(text))
        if lists > 1:
            yield Found(name, Sentence("%(number)s numbered lists", number=lists))
        words = len(text.split())
        if words > LONGEST_RESOLUTION:
            yield Found(name, counted("%(num)s word", "%(num)s words", words))


def _answers(draft: Draft) -> list[str]:
    return [field.name for field in draft.template.fields if field.need is Need.ANSWER]


def long_thoughts(draft: Draft, _writer: Agent) -> Iterator[Found]:
    for field in draft.template.fields:
        text = _FENCED.sub("", draft.part(field.name))
        long = max((len(each.split()) for each in _SENTENCE.split(text)), default=0)
        if long > LONGEST_SENTENCE:
            yield Found(field.name, Sentence("a sentence of %(number)s words", number=long))
            continue
        blocks = (block for block in text.split("\n\n") if not _BEGINS_ITEM.search(block))
        long = max((len(block.split()) for block in blocks), default=0)
        if long > LONGEST_PARAGRAPH:
            yield Found(field.name, Sentence("a paragraph of %(number)s words", number=long))
