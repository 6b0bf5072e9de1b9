"""Sentences remember what they are made of; whoever reads the string reads English."""

from __future__ import annotations

import json
import pickle

import pytest

from kcs.errors import InvalidInput, MergedAway, NotFound
from kcs.sentences import Sentence, counted, listed, packed, unpacked
from kcs.words import ARTICLE_IS


def test_an_error_keeps_its_english_and_its_parts() -> None:
    error = NotFound("%(key)s is %(state)s.", key="KB-1", state=ARTICLE_IS["archived"])
    assert str(error) == error.message == "KB-1 is archived."
    assert error.message.template == "%(key)s is %(state)s."


def test_an_error_may_bring_its_own_values_to_a_sentence_that_waits_for_them() -> None:
    assert NotFound(Sentence("There is no flag %(number)s."), number=3).message == "There is no flag 3."
    assert MergedAway("KB-2", "KB-1").message == "KB-2 was merged into KB-1."
    assert InvalidInput("100 % sure").message == "100 % sure"


def test_a_value_that_is_missing_is_told() -> None:
    with pytest.raises(KeyError):
        Sentence("%(key)s is %(state)s.", key="KB-1")


@pytest.mark.parametrize(("number", "said"), [(0, "0 words"), (1, "1 word"), (2, "2 words")])
def test_a_number_chooses_its_form(number: int, said: str) -> None:
    assert counted("%(num)s word", "%(num)s words", number) == said


def test_a_sentence_is_text_to_everything_else() -> None:
    said = listed(" · ", [Sentence("solved"), "KB-1"])
    assert json.dumps({"said": said}) == '{"said": "solved \\u00b7 KB-1"}'
    assert pickle.loads(pickle.dumps(said)) == "solved · KB-1"  # noqa: S301 - our own bytes
    assert said.format(choices="any") is said, "as marshmallow fills in what it says"
    assert f"{said}!" == "solved · KB-1!"


@pytest.mark.parametrize(
    "said",
    [
        "plain, 100% of it",
        Sentence("%(key)s is archived.", key="KB-1"),
        counted("%(num)s row of %(what)s", "%(num)s rows of %(what)s", 1, what=Sentence("it")),
        listed("; ", [counted("%(num)s row", "%(num)s rows", 3), "done"]),
    ],
)
def test_what_was_packed_comes_back_with_its_parts(said: str) -> None:
    again = unpacked(json.loads(json.dumps(packed(said))))
    assert again == said
    if isinstance(said, Sentence):
        assert (again.template, again.many, again.number) == (said.template, said.many, said.number)
        for name, value in said.values.items():
            assert (again.values[name], type(again.values[name])) == (value, type(value))
