"""How much is found in drafts in many languages, and how seldom nothing is taken for something."""

from __future__ import annotations

from collections import Counter

from kcs.privacy.finding import Finding
from kcs.privacy.gate import check_text, find
from kcs.tickets.models import Requester
from tests.privacy.corpus_files import Draft, Planted, clean_articles, drafts

STRUCTURED_FOUND = 0.99
CLEAN_ARTICLES_WITH_FALSE_ALARM = 0.02


def left_of(planted: Planted, text: str, found: list[Finding]) -> str:
    """Return the letters and digits of the value that masking every finding would leave."""
    masked = {place for each in found for place in range(each.start, each.end)}
    places = range(planted.start, planted.end)
    return "".join(text[place] for place in places if place not in masked and text[place].isalnum())


def missed_in(draft: Draft) -> list[Planted]:
    """Return what is planted in a draft and not found, the desk knowing who asked."""
    given = {name: value or None for name, value in draft.requester.items()}
    found = find(draft.text, Requester(**given))
    return [each for each in draft.planted if left_of(each, draft.text, found)]


def test_what_is_planted_in_fifty_drafts_is_found() -> None:
    corpus = drafts()
    planted = [each for draft in corpus for each in draft.planted]
    missed = [
        (draft.language, each.kind, each.value, each.own) for draft in corpus for each in missed_in(draft)
    ]
    structured = [each for each in missed if not each[3]]
    assert [each for each in missed if each[3]] == [], "every value of the ticket's own people is found"
    share = 1 - len(structured) / sum(not each.own for each in planted)
    assert share >= STRUCTURED_FOUND, f"{share:.1%} found; missed: {structured}"


def test_of_articles_without_personal_data_hardly_any_raises_an_alarm() -> None:
    corpus = clean_articles()
    alarms = {
        each["title"]: [
            f"{found.kind} {found.value}" for found in check_text(None, each["title"], {"body": each["body"]})
        ]
        for each in corpus
    }
    raised = {title: found for title, found in alarms.items() if found}
    assert len(raised) / len(corpus) <= CLEAN_ARTICLES_WITH_FALSE_ALARM, raised


def test_the_corpora_are_as_large_and_varied_as_the_figures_claim() -> None:
    corpus = drafts()
    planted = [each for draft in corpus for each in draft.planted]
    kinds = Counter(each.kind for each in planted)
    assert len(corpus) >= 50
    assert len(planted) >= 200
    assert len({draft.language for draft in corpus}) >= 9
    assert min(kinds.values()) >= 5, kinds
    assert len({each["body"] for each in clean_articles()}) >= 200
