"""Sentences for people: made where no language is known yet, said in the reader's at the edge.

The English text is what scripts, logs and tests see; pages translate what it was made of
(`kcs.i18n.translated`). The literal handed to `Sentence` and `counted`, and to the errors of `kcs.errors`,
is the message translators get, so values go in by name, "%(key)s is archived.", and never by an f-string.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Sentence(str):
    """An English sentence that remembers its template and values; a value may be a Sentence itself."""

    __slots__ = ("many", "number", "template", "values")

    template: str
    values: dict[str, object]
    many: str
    number: int

    def __new__(cls, template: str, /, **values: object) -> Sentence:
        """Put the values into the template. Raises KeyError when one is missing."""
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values, made.many, made.number = template, values, "", 1
        return made

    def format(self, *_args: object, **_values: object) -> Sentence:
        """Return the sentence as it is, complete: marshmallow fills in every message, a text for it."""
        return self


def counted(one: str, many: str, number: int, /, **values: object) -> Sentence:
    """Return a sentence about `number` things; the number itself is the value `num`."""
    made = Sentence(one if number == 1 else many, num=number, **values)
    made.template, made.many, made.number = one, many, number
    return made


def listed(separator: str, parts: Iterable[str]) -> Sentence:
    """Return the parts one after the other; each that is a Sentence is translated by itself."""
    named = {f"part{place}": part for place, part in enumerate(parts)}
    return Sentence(separator.join(f"%({name})s" for name in named), **named)


def packed(said: str) -> dict[str, object]:
    """Return a sentence as JSON can hold it; `unpacked` makes it again, with the sentences within it."""
    if not isinstance(said, Sentence):
        return {"said": said, "values": {}}
    values = {name: _packed_value(value) for name, value in said.values.items()}
    row: dict[str, object] = {"said": said.template, "values": values}
    return {**row, "many": said.many, "number": said.number} if said.many else row


def unpacked(row: Mapping[str, object]) -> Sentence:
    """Return the sentence that was packed."""
    held = row["values"]
    values = {name: _value(each) for name, each in held.items()} if isinstance(held, dict) else {}
    made = Sentence(str(row["said"]), **values)
    if isinstance(number := row.get("number"), int):
        many = str(row["many"])
        made = Sentence(str(row["said"]) if number == 1 else many, **values)
        made.template, made.many, made.number = str(row["said"]), many, number
    return made


def _packed_value(value: object) -> object:
    if isinstance(value, Sentence):
        return packed(value)
    return value if isinstance(value, (int, float)) else str(value)


def _value(held: object) -> object:
    return unpacked(held) if isinstance(held, dict) else held
